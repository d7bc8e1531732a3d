-- Revenue of listings by the currency of their bookings; currencies are never added together.
-- grain: one row per week_start, currency, listing_id
with

sales as (

    select
        cast(date_trunc('week', f.booking_date) as date) as week_start,
        f.currency,
        f.listing_id,
        count(*) as bookings,
        cast(sum(coalesce(f.total_price, 0)) as decimal(14, 2)) as revenue
    from curated.fact_bookings f
    cross join curated.build b
    where f.booking_date <= b.as_of
    group by 1, 2, 3

)

select
    s.week_start,
    s.currency,
    s.listing_id,
    l.title,
    l.cityname,
    s.bookings,
    s.revenue,
    rank() over (partition by s.week_start, s.currency order by s.revenue desc) as revenue_rank
from sales s
left join curated.dim_listings l on s.listing_id = l.listing_id
