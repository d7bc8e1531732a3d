-- severity: error
-- scope: rules
-- grain: one row per booking whose user is unknown
-- message: every user of a booking stands in curated.dim_users
select f.booking_id, f.user_id
from curated.fact_bookings f
left join curated.dim_users u on f.user_id = u.user_id
where f.user_id is not null and u.user_id is null
