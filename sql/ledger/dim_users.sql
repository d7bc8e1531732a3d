-- Ledger of curated.dim_users: the distinct users of raw come in, none is left out.
-- grain: one row per rule
with

users as (

    select v.user_id
    from raw_data.stg_user_viewing v
    -- incremental: inner join (select distinct user_id from curated.changed_users) c on v.user_id = c.user_id
    where v.user_id is not null
    union
    select b.user_id
    from raw_data.stg_bookings b
    -- incremental: inner join (select distinct user_id from curated.changed_users) c on b.user_id = c.user_id
    where b.user_id is not null

)

select 'rows_in' as rule, count(*) as n
from users
