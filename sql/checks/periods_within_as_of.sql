-- severity: error
-- scope: views
-- grain: one row per period after the as-of date
-- message: no view shows a period that begins after the as-of date
select v.view_name, v.period
from (
    select 'vw_avg_listing_price_weekly' as view_name, week_start as period
    from presentation.vw_avg_listing_price_weekly
    union all
    select 'vw_occupancy_rate_monthly' as view_name, month_start as period
    from presentation.vw_occupancy_rate_monthly
    union all
    select 'vw_popular_locations_weekly' as view_name, week_start as period
    from presentation.vw_popular_locations_weekly
    union all
    select 'vw_top_listings_weekly' as view_name, week_start as period
    from presentation.vw_top_listings_weekly
    union all
    select 'vw_bookings_per_user_weekly' as view_name, week_start as period
    from presentation.vw_bookings_per_user_weekly
    union all
    select 'vw_avg_booking_duration' as view_name, month_start as period
    from presentation.vw_avg_booking_duration
    union all
    select 'vw_repeat_customer_rate' as view_name, day as period
    from presentation.vw_repeat_customer_rate
) v
cross join curated.build b
where v.period > b.as_of
