-- Ranked before titles are joined: the sort carries no texts.
with sales as (
    select
        date_trunc('week', booking_date)::date as week_start, currency, listing_id, count(*) as bookings,
        sum(coalesce(total_price, 0))::decimal(14,2) as revenue
    from curated.fact_bookings
    where booking_date <= getvariable('as_of')
    group by all
), ranked as (
    select *, rank() over (partition by week_start, currency order by revenue desc) as revenue_rank
    from sales
)
select week_start, currency, listing_id, title, cityname, bookings, revenue, revenue_rank
from ranked
left join (select listing_id, title, cityname from curated.dim_listings) using (listing_id)
