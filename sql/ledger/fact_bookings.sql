-- Ledger of curated.fact_bookings: bookings of raw that come in, and those left out by their normalised status.
-- grain: one row per rule
with

raw_statuses as (

    select booking_status, count(*) as n
    from raw_data.stg_bookings
    where 1 = 1
    -- incremental: and booking_id in (select booking_id from curated.changed_bookings)
    group by booking_status

),

statuses as (

    select
        n,
        case when {{lower_status}} = 'cancelled' then 'canceled' else {{lower_status}} end as booking_status
    from raw_statuses

)

select 'rows_in' as rule, cast(coalesce(sum(n), 0) as bigint) as n
from statuses

union all

select 'not_confirmed:' || coalesce(booking_status, 'null') as rule, cast(sum(n) as bigint) as n
from statuses
where booking_status is null or booking_status <> {{confirmed}}
group by 1
