"""How a message is forwarded as an attachment, by language and mail program: one paragraph for a letter."""

from collections.abc import Mapping

from supportbot.mail.programs import MailProgram

_HOW_TO: Mapping[str, Mapping[MailProgram, str]] = {
    "en": {
        "gmail": (
            "How to do it in your mail program: in Gmail on a computer, open the customer's message, choose "
            'the three dots beside "Reply" and then "Forward as attachment".'
        ),
        "outlook": (
            "How to do it in your mail program: in Outlook, select the customer's message, then choose Home, "
            'More, "Forward as Attachment" (or press Ctrl+Alt+F).'
        ),
        "outlook_web": (
            "How to do it in your mail program: in Outlook on the web, begin a new message to us and drag "
            "the customer's message from the list into it."
        ),
        "apple_mail": (
            "How to do it in your mail program: in Apple Mail, select the customer's message, then choose "
            'Message, "Forward as Attachment".'
        ),
        "thunderbird": (
            "How to do it in your mail program: in Thunderbird, select the customer's message, then choose "
            'Message, "Forward As", "Attachment".'
        ),
        "yahoo": (
            "How to do it in your mail program: in Yahoo Mail on a computer, open the customer's message, "
            'choose the three dots and then "Forward as attachment".'
        ),
        "phone": ("How to do it in your mail program: a phone cannot attach a message as it is; please do it on a computer."),
    },
    "de": {
        "gmail": (
            "So geht es in Ihrem Mailprogramm: Öffnen Sie in Gmail am Computer die Nachricht des Kunden, "
            "wählen Sie die drei Punkte neben „Antworten“ und dann „Als Anhang weiterleiten“."
        ),
        "outlook": (
            "So geht es in Ihrem Mailprogramm: Markieren Sie in Outlook die Nachricht des Kunden und wählen "
            "Sie Start, Weitere, „Als Anlage weiterleiten“ (oder Strg+Alt+F)."
        ),
        "outlook_web": (
            "So geht es in Ihrem Mailprogramm: Beginnen Sie in Outlook im Web eine neue Nachricht an uns und "
            "ziehen Sie die Nachricht des Kunden aus der Liste hinein."
        ),
        "apple_mail": (
            "So geht es in Ihrem Mailprogramm: Markieren Sie in Apple Mail die Nachricht des Kunden und "
            "wählen Sie E-Mail, „Als Anhang weiterleiten“."
        ),
        "thunderbird": (
            "So geht es in Ihrem Mailprogramm: Markieren Sie in Thunderbird die Nachricht des Kunden und "
            "wählen Sie Nachricht, „Weiterleiten als“, „Anhang“."
        ),
        "yahoo": (
            "So geht es in Ihrem Mailprogramm: Öffnen Sie in Yahoo Mail am Computer die Nachricht des "
            "Kunden, wählen Sie die drei Punkte und dann „Als Anhang weiterleiten“."
        ),
        "phone": (
            "So geht es in Ihrem Mailprogramm: Ein Telefon kann eine Nachricht nicht unverändert anhängen; "
            "bitte tun Sie es an einem Computer."
        ),
    },
    "fr": {
        "gmail": (
            "Comment faire dans votre messagerie : dans Gmail sur un ordinateur, ouvrez le message du "
            "client, cliquez sur les trois points à côté de « Répondre », puis sur « Transférer en pièce "
            "jointe »."
        ),
        "outlook": (
            "Comment faire dans votre messagerie : dans Outlook, sélectionnez le message du client, puis "
            "Accueil, Plus, « Transférer en tant que pièce jointe » (ou Ctrl+Alt+F)."
        ),
        "outlook_web": (
            "Comment faire dans votre messagerie : dans Outlook sur le web, commencez un nouveau message à "
            "notre adresse et faites-y glisser le message du client depuis la liste."
        ),
        "apple_mail": (
            "Comment faire dans votre messagerie : dans Apple Mail, sélectionnez le message du client, puis "
            "Message, « Réexpédier comme pièce jointe »."
        ),
        "thunderbird": (
            "Comment faire dans votre messagerie : dans Thunderbird, sélectionnez le message du client, puis "
            "Message, « Transférer en », « Pièce jointe »."
        ),
        "yahoo": (
            "Comment faire dans votre messagerie : dans Yahoo Mail sur un ordinateur, ouvrez le message du "
            "client, cliquez sur les trois points, puis sur « Transférer en pièce jointe »."
        ),
        "phone": (
            "Comment faire dans votre messagerie : un téléphone ne peut pas joindre un message tel quel ; "
            "merci de le faire sur un ordinateur."
        ),
    },
    "es": {
        "gmail": (
            "Cómo hacerlo en su programa de correo: en Gmail, en un ordenador, abra el mensaje del cliente, "
            "pulse los tres puntos junto a «Responder» y elija «Reenviar como archivo adjunto»."
        ),
        "outlook": (
            "Cómo hacerlo en su programa de correo: en Outlook, seleccione el mensaje del cliente y elija "
            "Inicio, Más, «Reenviar como datos adjuntos» (o Ctrl+Alt+F)."
        ),
        "outlook_web": (
            "Cómo hacerlo en su programa de correo: en Outlook en la web, empiece un mensaje nuevo para "
            "nosotros y arrastre a él el mensaje del cliente desde la lista."
        ),
        "apple_mail": (
            "Cómo hacerlo en su programa de correo: en Apple Mail, seleccione el mensaje del cliente y elija "
            "Mensaje, «Reenviar como archivo adjunto»."
        ),
        "thunderbird": (
            "Cómo hacerlo en su programa de correo: en Thunderbird, seleccione el mensaje del cliente y "
            "elija Mensaje, «Reenviar como», «Adjunto»."
        ),
        "yahoo": (
            "Cómo hacerlo en su programa de correo: en Yahoo Mail, en un ordenador, abra el mensaje del "
            "cliente, pulse los tres puntos y elija «Reenviar como archivo adjunto»."
        ),
        "phone": (
            "Cómo hacerlo en su programa de correo: un teléfono no puede adjuntar un mensaje tal como es; "
            "hágalo, por favor, en un ordenador."
        ),
    },
    "it": {
        "gmail": (
            "Come fare nel suo programma di posta: in Gmail, su un computer, apra il messaggio del cliente, "
            "scelga i tre puntini accanto a «Rispondi» e poi «Inoltra come allegato»."
        ),
        "outlook": (
            "Come fare nel suo programma di posta: in Outlook, selezioni il messaggio del cliente e scelga "
            "Home, Altro, «Inoltra come allegato» (o Ctrl+Alt+F)."
        ),
        "outlook_web": (
            "Come fare nel suo programma di posta: in Outlook sul web, inizi un nuovo messaggio per noi e vi "
            "trascini il messaggio del cliente dall'elenco."
        ),
        "apple_mail": (
            "Come fare nel suo programma di posta: in Apple Mail, selezioni il messaggio del cliente e "
            "scelga Messaggio, «Inoltra come allegato»."
        ),
        "thunderbird": (
            "Come fare nel suo programma di posta: in Thunderbird, selezioni il messaggio del cliente e "
            "scelga Messaggio, «Inoltra come», «Allegato»."
        ),
        "yahoo": (
            "Come fare nel suo programma di posta: in Yahoo Mail, su un computer, apra il messaggio del "
            "cliente, scelga i tre puntini e poi «Inoltra come allegato»."
        ),
        "phone": (
            "Come fare nel suo programma di posta: un telefono non può allegare un messaggio così com'è; lo "
            "faccia per favore su un computer."
        ),
    },
}


def how_to_attach(program: MailProgram | None, language: str) -> str | None:
    """The paragraph for a program, in English where the language has none; None for a program that nobody knows."""
    return _HOW_TO.get(language, _HOW_TO["en"]).get(program) if program else None
