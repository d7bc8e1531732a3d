-- Ledger of curated.dim_users: the distinct users of raw come in, none is left out.
-- grain: one row per rule
with

users as (

    select user_id from raw_data.stg_user_viewing
    where user_id is not null
    -- incremental: and user_id in (select user_id from curated.changed_users)
    union
    select user_id from raw_data.stg_bookings
    where user_id is not null
    -- incremental: and user_id in (select user_id from curated.changed_users)

)

select 'rows_in' as rule, count(*) as n
from users
