-- The newest records, with what became of their recordings.
SELECT call, tenant, caller, presentation, called, path, digits, offered, answered,
       connected, ended, cause, by, category, charge_units, charge_thousandths, currency,
       (SELECT CASE
                   WHEN count(*) = 0 THEN NULL
                   WHEN sum(state = 'none') = count(*) THEN 'none'
                   WHEN min(state = 'whole') THEN 'whole'
                   ELSE 'cut'
               END
        FROM recordings WHERE recordings.call = calls.call),
       (SELECT sum(seconds) FROM recordings
        WHERE recordings.call = calls.call AND state <> 'none'),
       (SELECT hash FROM recordings
        WHERE recordings.call = calls.call AND hash IS NOT NULL ORDER BY part DESC LIMIT 1)
FROM calls ORDER BY ended DESC, call DESC LIMIT ?1
