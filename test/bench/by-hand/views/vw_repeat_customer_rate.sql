-- User and day in one number: one narrow sort finds the booking before and after. +1 and -1 on the days, running sums.
with bookings as (
    select user_id << 16 | (booking_date - date '1900-01-01') as here
    from curated.fact_bookings
    where booking_date <= getvariable('as_of') and user_id is not null
), neighbours as (
    select here, lag(here) over (order by here) as before, lead(here) over (order by here) as after
    from bookings
), spans as (
    select
        here & 65535 as day,
        case when before >> 16 = here >> 16 then before & 65535 end as day_before,
        case when after >> 16 = here >> 16 then after & 65535 end as day_after
    from neighbours
), ends as (
    select
        day, least(day + 30, day_after) as active_to,
        case when day_before + 30 > day then least(day_before + 30, day_after) end as repeat_to,
        count(*) as n
    from spans
    group by all
), steps as (
    select day, sum(n) as active, coalesce(sum(n) filter (repeat_to > day), 0) as repeating from ends group by all
    union all
    select active_to, -sum(n), 0 from ends group by all
    union all
    select repeat_to, 0, -sum(n) from ends where repeat_to > day group by all
), changes as (
    select date '1900-01-01' + day::integer as day, sum(active) as active, sum(repeating) as repeating
    from steps
    group by all
), days as (
    select day, sum(active) over w as active, sum(repeating) over w as repeating
    from (select unnest(range(min(day), getvariable('as_of') + 1, interval 1 day))::date as day from changes)
    left join changes using (day)
    window w as (order by day)
)
select
    day, active::bigint as active_customers, repeating::bigint as repeat_customers,
    (
        (2000000 * repeating + active)::bigint // (2 * active)::bigint * 0.000001::decimal(9,6)
    )::decimal(9,6) as repeat_rate
from days
where active > 0
