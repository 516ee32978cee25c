"""Every damage that an invariant forbids, as SQL on a database without guards; the auditor has to name the invariant."""

SENT = "(select id from outbox where state = 'sent' limit 1)"
SENT_DRAFT = "(select draft_id from outbox where state = 'sent' limit 1)"
NOTICE = "(select draft_id from outbox o join drafts d on d.id = o.draft_id where d.template = 'm_rebill_notice' limit 1)"
SELLERS_USER = "insert into users values ('sam', 'sam', 'viewer', 's-sam', null, 0, '2026-01-01 00:00:00')"
DONE = "(select min(id) from messages where state = 'done')"

DAMAGE: tuple[tuple[str, str, str], ...] = (
    ("I1", "an acceptance that is not verified", "update acceptances set verified = 0"),
    ("I1", "an acceptance of the item alone", "update acceptances set rebill = 0"),
    ("I1", "a memo of another case's acceptance", "update acceptances set case_id = 'c-other'"),
    ("I1", "an amount above the cap", "update credit_memos set amount = '99999999.00'"),
    ("I1", "a cap that is not the worth of the lines", "update credit_memos set cap = '5.00'"),
    ("I1", "one person alone issues", "update credit_memos set approved_by = entered_by"),
    ("I1", "a seller's user issues", "update users set seller_id = 's-1'"),
    ("I1", "issued before the re-bill", "update rebills set state = 'requested'"),
    ("I1", "a ticket without its memo", "update tickets set status = 'awaiting_rebill' where type = 'credit_memo'"),
    ("I2", "verified by the seller's word", "update acceptances set grade = 'E'"),
    ("I2", "revoked before it was issued", "update acceptances set revoked_at = '2000-01-01 00:00:00'"),
    ("I2", "received before the notice", "update messages set received = '2000-01-01 00:00:00'"),
    ("I2", "by somebody who is not the buyer", "update acceptances set buyer_address = 'x@evil.example'"),
    ("I2", "proved by no words", "update acceptances set evidence = '[]'"),
    ("I2", "an answer without its token", "update drafts set token = 'f00' where token is not null"),
    ("I2", "an answer to no notice of ours", "update acceptances set notice_message_id = '<other@x.example>'"),
    ("I3", "a second case for one order",
     "insert into cases select 'c-2', order_key, type, state, version, thread_id, opened_at,"
     " null, null, held_from from cases where closed_at is null limit 1"),
    ("I3", "one message decided twice",
     "insert into audit select (select max(number) + 1 from audit), at, actor, action, subject,"
     " data, previous, hash from audit where action = 'decide' limit 1"),
    ("I3", "two drafts for one message",
     "insert into drafts select 'd-2', message_id, case_id, order_id, template, rule, language,"
     f" \"to\", version, state, created_at, why, null, in_reply_to, \"references\", 'x' from drafts where id = {SENT_DRAFT}"),
    ("I4", "two memos for one order", "insert into credit_memos select 'm-2', 't-2', 'c-2', order_key, 'a-2', 1, 1, 1, 'r-2',"
     " memo_gate, status, currency, cap, amount, entered_by, approved_by, opened_at, issued_at from credit_memos limit 1"),
    ("I5", "a mail sent that the outbox calls approved", f"update outbox set state = 'approved' where id = {SENT}"),
    ("I5", "a mail sent that the outbox calls failed", f"update outbox set state = 'failed' where id = {SENT}"),
    ("I5", "for ever in sending", f"update outbox set state = 'sending' where id = {SENT}"),
    ("I5", "a mail the outbox does not know", f"update outbox set header_message_id = '<else@x.example>' where id = {SENT}"),
    ("I6", "bytes that are gone", f"delete from messages where id = {DONE}"),
    ("I6", "bytes that were changed", "update raw_mail set bytes = x'00'"),
    ("I6", "a UID that was skipped", "delete from fetched where id = (select min(id) from fetched)"),
    ("I6", "fetched and forgotten", "update fetched set message_id = null where id = (select min(id) from fetched)"),
    ("I6", "a UID that counts as another message", "update fetched set message_id = (select max(message_id) from fetched)"),
    ("I7", "a message left unworked", f"update messages set state = 'new' where id = {DONE}"),
    ("I7", "quarantined, and nobody is shown why", f"update messages set state = 'quarantined' where id = {DONE}"),
    ("I8", "an answer to a machine",
     "update raw_mail set bytes = cast('Auto-Submitted: auto-replied' || x'0d0a' || bytes as blob)"),
    ("I8", "a mail to ourselves", f"update drafts set \"to\" = json_array('{{user}}') where id = {SENT_DRAFT}"),
    ("I9", "approved by nobody", f"delete from reviews where draft_id = {SENT_DRAFT}"),
    ("I9", "rejected, and sent", f"update reviews set decision = 'rejected' where draft_id = {SENT_DRAFT}"),
    ("I9", "other words than approved", f"update draft_versions set body = body || ' more' where draft_id = {SENT_DRAFT}"),
    ("I9", "other octets than approved",
     f"update outbox set raw = cast(replace(raw, 'Seller', 'Stranger') as blob) where id = {SENT}"),
    ("I9", "alone, though not on the list", f"update reviews set reviewer = 'autopilot' where draft_id = {SENT_DRAFT}"),
    ("I10", "a notice with a link", f"update draft_versions set body = body || ' https://x.example' where draft_id = {NOTICE}"),
    ("I10", "approved with findings", f"update draft_versions set findings = '[\"a link\"]' where draft_id = {SENT_DRAFT}"),
    ("I11", "to somebody who is no party", "delete from order_addresses"),
    ("I12", "assigned to a seller's user", "update users set seller_id = 's-1' where name = 'alice'; insert into desk_marks"
     f" values ('draft ' || {SENT_DRAFT}, 'alice', null, 'bob', '2026-01-01 00:00:00')"),
    ("I12", "a case of another seller was opened", f"{SELLERS_USER}; insert into views_seen select 1, '2026-01-01 00:00:00',"
     " 'sam', 'view', 'case ' || id from cases limit 1"),
    ("I12", "a message of nobody's case was opened", f"{SELLERS_USER}; insert into views_seen values"
     " (1, '2026-01-01 00:00:00', 'sam', 'view', 'message 1')"),
    ("I12", "a note by a seller's user",
     f"{SELLERS_USER}; insert into notes values (1, 'message 1', 'sam', 'x', '2026-01-01 00:00:00')"),
    ("I12", "an order of another seller named in a mail to one",
     "create table other as select * from orders limit 1; update other set key = 999, order_id = 'PO-999777',"
     " seller_id = 's-other', seller_addresses = '[]'; insert into orders select * from other;"
     " update orders set seller_addresses = (select json_array(json_extract(\"to\", '$[0]')) from drafts where id ="
     f" {SENT_DRAFT}) where key = 1; update draft_versions set body = body || ' and PO-999777' where draft_id = {SENT_DRAFT}"),
    ("I13", "a link that was changed", "update audit set actor = 'mallory' where number = 3"),
    ("I13", "a link that was taken out", "delete from audit where number = 3"),
    ("I13", "the last link taken off", "delete from audit where number = (select max(number) from audit)"),
    ("I13", "a case that is somewhere else", "update cases set state = 'MEMO_ISSUED' where state <> 'MEMO_ISSUED'"),
    ("I13", "an event that was taken out", "delete from case_events where number = 2"),
    ("I14", "failed, and nobody is told", f"update outbox set state = 'failed' where id = {SENT}"),
    ("I14", "done without a decision", f"update messages set action = null where id = {DONE}"),
    ("I15", "decided by rules nobody can name", "update audit set data = json_remove(data, '$.rules') where action = 'decide'"),
    ("I15", "decided upon other bytes", "update audit set data = json_set(data, '$.sha256', 'f') where action = 'decide'"),
    ("I15", "it counts as another kind than was decided", f"update messages set kind = 'other' where id = {DONE}"),
    ("I15", "it counts as decided by another rule", f"update messages set rule = 'x.rule' where id = {DONE}"),
    ("I15", "the record names another kind", "update audit set data = json_set(data, '$.kind', 'x') where action = 'decide'"),
    ("I16", "a message counts by its Date header", f"update messages set received = '2001-01-01 00:00:00' where id = {DONE}"),
    ("I16", "sent while it was to be held", "update outbox set not_before = datetime(claimed_at, '+10 minutes')"),
    ("I16", "a timer that rang early", "insert into timers values ('t-9', null, 'x', '2099-01-01 00:00:00', 'x', 'done');"
     " insert into tickets select 'k-9', 'other', 'open', null, null, 'x', '{{}}', '2026-01-01 00:00:00', null, null,"
     " 'timer:t-9'"),
    ("I16", "received when the Date header says", "update fetched set received = '2001-01-01 00:00:00'"),
    ("I17", "an erasure that was never finished", "insert into erasures values ('e-1', 'retention', 'x', 'x', null, null,"
     " '2026-01-01 00:00:00', null, '{{}}')"),
)  # fmt: skip
