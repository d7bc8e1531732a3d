-- A stay adds the nights that lie after all earlier stays of its listing; +1 and -1 on the days, then running sums.
with lives as (
    select
        listing_id, active_from as from_day,
        least(coalesce(active_to, getvariable('as_of')), getvariable('as_of')) + 1 as to_day
    from curated.dim_listings
    where active_from <= getvariable('as_of') and (active_to is null or active_to >= active_from)
), stays as (
    select listing_id, greatest(checkin_date, from_day) as from_day, least(checkout_date, to_day) as to_day
    from curated.fact_bookings
    join lives using (listing_id)
    where booking_date <= getvariable('as_of') and checkin_date < checkout_date
        and checkin_date < to_day and checkout_date > from_day
), covered as (
    select from_day, to_day, max(to_day) over w as seen_to
    from stays
    window w as (partition by listing_id order by from_day rows between unbounded preceding and 1 preceding)
), additions as (
    select greatest(from_day, seen_to) as from_day, to_day from covered where seen_to is null or to_day > seen_to
), steps as (
    select from_day as day, count(*) as available, 0 as booked from lives group by all
    union all
    select to_day, -count(*), 0 from lives group by all
    union all
    select from_day, 0, count(*) from additions group by all
    union all
    select to_day, 0, -count(*) from additions group by all
), changes as (
    select day, sum(available) as available, sum(booked) as booked from steps group by all
), days as (
    select unnest(range(min(day), getvariable('as_of') + 1, interval 1 day))::date as day from changes
), nights as (
    select
        date_trunc('month', day)::date as month_start, sum(available) over w as available, sum(booked) over w as booked
    from days
    left join changes using (day)
    window w as (order by day)
), months as (
    select month_start, sum(booked)::bigint as booked, sum(available)::bigint as available
    from nights
    group by all
    having sum(available) > 0
)
select
    month_start, booked as booked_nights, available as available_nights,
    ((2000000 * booked + available) // (2 * available) * 0.000001::decimal(9,6))::decimal(9,6) as occupancy_rate,
    date_trunc('month', getvariable('as_of') + 1)::date = month_start as is_partial
from months
