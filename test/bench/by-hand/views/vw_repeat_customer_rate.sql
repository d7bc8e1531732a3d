-- User and day in one number: one narrow sort finds the two bookings before. +1 and -1 on the days, running sums.
with bookings as (
    select user_id << 16 | (booking_date - date '1900-01-01') as here
    from curated.fact_bookings
    where booking_date <= getvariable('as_of') and user_id is not null
), neighbours as (
    select here, lag(here) over (order by here) as before, lag(here, 2) over (order by here) as before_that
    from bookings
), young as (
    select
        here & 65535 as day,
        case when before > here - 30 then before & 65535 end as day_before,
        case when before_that > here - 30 then before_that & 65535 end as day_before_that,
        count(*) as n
    from neighbours
    group by all
), steps as (
    select
        day, coalesce(sum(n) filter (day_before is null), 0) as active,
        coalesce(sum(n) filter (day_before is not null and day_before_that is null), 0) as repeating
    from young group by all
    union all
    select day + 30, -sum(n), 0 from young group by all
    union all
    select day_before + 30, sum(n), -sum(n) from young where day_before is not null group by all
    union all
    select day_before_that + 30, 0, sum(n) from young where day_before_that is not null group by all
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
