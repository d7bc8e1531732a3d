-- severity: error
-- scope: views
-- grain: one row per month whose rate is impossible
-- message: occupancy is between 0 and 1, and booked nights are available
select month_start, booked_nights, available_nights, occupancy_rate
from presentation.vw_occupancy_rate_monthly
where occupancy_rate < 0 or occupancy_rate > 1 or booked_nights > available_nights or booked_nights < 0
