-- Share of the nights on offer that are booked. Lives and stays are intervals; a night counts once per listing because
-- each stay adds only what lies after every earlier stay of its listing. Running sums over the calendar give the
-- nights.
-- grain: one row per month_start
with

lives as (

    select
        l.listing_id,
        l.active_from as from_day,
        cast(least(coalesce(l.active_to, b.as_of), b.as_of) + 1 as date) as to_day
    from curated.dim_listings l
    cross join curated.build b
    where l.active_from <= b.as_of and (l.active_to is null or l.active_to >= l.active_from)

),

stays as (

    select
        f.listing_id,
        greatest(f.checkin_date, l.from_day) as from_day,
        least(f.checkout_date, l.to_day) as to_day
    from curated.fact_bookings f
    cross join curated.build b
    inner join lives l on f.listing_id = l.listing_id
    where f.booking_date <= b.as_of
        and f.checkin_date < f.checkout_date
        and f.checkin_date < l.to_day
        and f.checkout_date > l.from_day

),

covered as (

    select
        from_day,
        to_day,
        max(to_day) over (
            partition by listing_id order by from_day, to_day rows between unbounded preceding and 1 preceding
        ) as seen_to
    from stays

),

additions as (

    select
        case when seen_to > from_day then seen_to else from_day end as from_day,
        to_day
    from covered
    where seen_to is null or to_day > seen_to

),

steps as (

    select from_day as day, count(*) as available, 0 as booked
    from lives
    group by from_day

    union all

    select to_day as day, -count(*) as available, 0 as booked
    from lives
    group by to_day

    union all

    select from_day as day, 0 as available, count(*) as booked
    from additions
    group by from_day

    union all

    select to_day as day, 0 as available, -count(*) as booked
    from additions
    group by to_day

),

changes as (

    select day, sum(available) as available, sum(booked) as booked
    from steps
    group by day

),

nights as (

    select
        d.month_start,
        sum(coalesce(c.available, 0)) over (order by d.day rows unbounded preceding) as available,
        sum(coalesce(c.booked, 0)) over (order by d.day rows unbounded preceding) as booked
    from curated.dim_dates d
    left join changes c on c.day = d.day

),

months as (

    select
        month_start,
        sum(booked) as booked,
        sum(available) as available
    from nights
    group by month_start
    having sum(available) > 0

),

terms as (

    select
        month_start,
        cast(booked as bigint) as booked_nights,
        cast(available as bigint) as available_nights,
        cast(2000000 * booked + available as decimal(38, 0)) as a,
        cast(2 * available as decimal(38, 0)) as b
    from months

)

select
    t.month_start,
    t.booked_nights,
    t.available_nights,
    cast(
        cast((t.a - mod(t.a, t.b)) / t.b as bigint) * cast(0.000001 as decimal(9, 6)) as decimal(9, 6)
    ) as occupancy_rate,
    cast(date_trunc('month', cast(b.as_of + 1 as date)) as date) = t.month_start as is_partial
from terms t
cross join curated.build b
