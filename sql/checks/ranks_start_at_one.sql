-- severity: error
-- scope: views
-- grain: one row per week without a first rank
-- message: each week's ranking has a first place
select
    'vw_popular_locations_weekly' as view_name,
    week_start,
    cast(null as varchar(65535)) as currency,
    min(location_rank) as first_rank
from presentation.vw_popular_locations_weekly
group by week_start
having min(location_rank) <> 1
union all
select 'vw_top_listings_weekly' as view_name, week_start, currency, min(revenue_rank) as first_rank
from presentation.vw_top_listings_weekly
group by week_start, currency
having min(revenue_rank) <> 1
