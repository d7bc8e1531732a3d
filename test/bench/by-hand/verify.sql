-- Counts of all tables and views; each row of the lake beside that of raw, of curated beside that of its query.
create temp table counts as
select 'raw_data.stg_apartments' as name, count(*) as n from raw_data.stg_apartments
union all
select 'raw_data.stg_apartment_attributes', count(*) from raw_data.stg_apartment_attributes
union all
select 'raw_data.stg_bookings', count(*) from raw_data.stg_bookings
union all
select 'raw_data.stg_user_viewing', count(*) from raw_data.stg_user_viewing
union all
select 'curated.dim_listings', count(*) from curated.dim_listings
union all
select 'curated.fact_bookings', count(*) from curated.fact_bookings
union all
select 'curated.fact_user_views', count(*) from curated.fact_user_views
union all
select 'curated.dim_users', count(*) from curated.dim_users
union all
select 'curated.dim_dates', count(*) from curated.dim_dates;

create temp table different as
select 'raw_data.stg_apartments' as name, count(*) as n
from raw_data.stg_apartments a
full join 'apartments.parquet' b using (id)
where a is distinct from b
union all
select 'raw_data.stg_apartment_attributes' as name, count(*) as n
from raw_data.stg_apartment_attributes a
full join 'apartment_attributes.parquet' b using (id)
where a is distinct from b
union all
select 'raw_data.stg_bookings' as name, count(*) as n
from raw_data.stg_bookings a
full join 'bookings.parquet' b on a.booking_id = b.booking_id
where a.booking_id is null or b.booking_id is null or a.user_id is distinct from b.user_id
    or a.apartment_id is distinct from b.apartment_id or a.booking_date is distinct from b.booking_date
    or a.checkin_date is distinct from b.checkin_date or a.checkout_date is distinct from b.checkout_date
    or a.total_price is distinct from b.total_price or a.currency is distinct from b.currency
    or a.booking_status is distinct from b.booking_status or a.payment_status is distinct from b.payment_status
    or a.num_guests is distinct from b.num_guests
union all
select 'raw_data.stg_user_viewing' as name, count(*) as n
from raw_data.stg_user_viewing a
full join 'user_viewing.parquet' b
    on a.user_id = b.user_id and a.apartment_id = b.apartment_id and a.viewed_at = b.viewed_at
where a.user_id is null or b.user_id is null or a.is_wishlisted is distinct from b.is_wishlisted
    or a.call_to_action is distinct from b.call_to_action
union all
select 'curated.dim_listings' as name, count(*) as n
from curated.dim_listings a
full join by_hand.dim_listings b using (listing_id)
where a is distinct from b
union all
select 'curated.fact_bookings' as name, count(*) as n
from curated.fact_bookings a
full join by_hand.fact_bookings b on a.booking_id = b.booking_id
where a.booking_id is null or b.booking_id is null or a.user_id is distinct from b.user_id
    or a.listing_id is distinct from b.listing_id or a.booking_date is distinct from b.booking_date
    or a.checkin_date is distinct from b.checkin_date or a.checkout_date is distinct from b.checkout_date
    or a.total_price is distinct from b.total_price or a.currency is distinct from b.currency
    or a.booking_status is distinct from b.booking_status or a.payment_status is distinct from b.payment_status
    or a.num_guests is distinct from b.num_guests
union all
select 'curated.fact_user_views' as name, count(*) as n
from curated.fact_user_views a
full join by_hand.fact_user_views b
    on a.user_id = b.user_id and a.listing_id = b.listing_id and a.viewed_timestamp = b.viewed_timestamp
where a.user_id is null or b.user_id is null or a.viewed_at is distinct from b.viewed_at
    or a.is_wishlisted is distinct from b.is_wishlisted or a.call_to_action is distinct from b.call_to_action
union all
select 'curated.dim_users' as name, count(*) as n
from curated.dim_users a
full join by_hand.dim_users b on a.user_id = b.user_id
where a.user_id is null or b.user_id is null or a.view_count is distinct from b.view_count
    or a.wishlist_count is distinct from b.wishlist_count or a.first_viewed_on is distinct from b.first_viewed_on
    or a.last_viewed_on is distinct from b.last_viewed_on or a.booking_count is distinct from b.booking_count
    or a.confirmed_booking_count is distinct from b.confirmed_booking_count
    or a.first_booked_on is distinct from b.first_booked_on or a.last_booked_on is distinct from b.last_booked_on
union all
select 'curated.dim_dates' as name, count(*) as n
from curated.dim_dates a
full join by_hand.dim_dates b using (day)
where a is distinct from b;

insert into counts
select 'presentation.vw_avg_booking_duration' as name, count(*) as n from presentation.vw_avg_booking_duration
union all
select 'presentation.vw_avg_listing_price_weekly', count(*) from presentation.vw_avg_listing_price_weekly
union all
select 'presentation.vw_bookings_per_user_weekly', count(*) from presentation.vw_bookings_per_user_weekly
union all
select 'presentation.vw_occupancy_rate_monthly', count(*) from presentation.vw_occupancy_rate_monthly
union all
select 'presentation.vw_popular_locations_weekly', count(*) from presentation.vw_popular_locations_weekly
union all
select 'presentation.vw_repeat_customer_rate', count(*) from presentation.vw_repeat_customer_rate
union all
select 'presentation.vw_top_listings_weekly', count(*) from presentation.vw_top_listings_weekly;

select name, error(name || ' differs') from different where n > 0;
select name, n from counts order by name;
