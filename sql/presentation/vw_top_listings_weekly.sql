-- Revenue of listings by the currency of their bookings; currencies are never added together.
-- Ranked before titles are joined: the sort carries no texts. The calendar ends at the as-of date: bookings after it
-- find no day there.
-- grain: one row per week_start, currency, listing_id
with

sales as (

    select
        d.week_start,
        f.currency,
        f.listing_id,
        count(*) as bookings,
        cast(sum(coalesce(f.total_price, 0)) as decimal(14, 2)) as revenue
    from curated.fact_bookings f
    inner join curated.dim_dates d on f.booking_date = d.day
    group by d.week_start, f.currency, f.listing_id

),

ranked as (

    select
        week_start,
        currency,
        listing_id,
        bookings,
        revenue,
        rank() over (partition by week_start, currency order by -revenue) as revenue_rank
    from sales

)

select
    r.week_start,
    r.currency,
    r.listing_id,
    l.title,
    l.cityname,
    r.bookings,
    r.revenue,
    r.revenue_rank
from ranked r
left join curated.dim_listings l on r.listing_id = l.listing_id
