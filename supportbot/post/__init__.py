"""The wire: mail in over IMAP (`imap.ImapSource`), mail out over SMTP (`smtp.SmtpSink`). Chosen only in `app`."""
