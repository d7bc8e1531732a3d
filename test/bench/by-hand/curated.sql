-- The queries of the curated layer over raw, in the engine's own words; as views, since verify.sql compares with them.
create schema by_hand;

create view by_hand.dim_listings as
select
    a.id as listing_id, a.title, a.source, a.price, coalesce(upper(a.currency), 'XXX') as currency,
    a.listing_created_on::date as listing_created_on, a.is_active, a.last_modified_timestamp,
    t.category, t.amenities, t.bathrooms, t.bedrooms, t.fee, t.has_photo, t.pets_allowed, t.price_display, t.price_type,
    t.square_feet, t.address, t.cityname, t.state, t.latitude, t.longitude,
    a.listing_created_on::date as active_from,
    case
        when not coalesce(a.is_active, false) then coalesce(a.last_modified_timestamp, a.listing_created_on)::date
    end as active_to
from raw_data.stg_apartments a
join raw_data.stg_apartment_attributes t using (id)
where a.price is not null and t.cityname is not null;

create view by_hand.fact_bookings as
select
    booking_id, user_id, apartment_id as listing_id, booking_date, checkin_date, checkout_date, total_price,
    coalesce(upper(currency), 'XXX') as currency, 'confirmed' as booking_status, payment_status, num_guests
from raw_data.stg_bookings
where lower(booking_status) = 'confirmed';

create view by_hand.fact_user_views as
select
    user_id, apartment_id as listing_id, viewed_at::date as viewed_at, viewed_at as viewed_timestamp, is_wishlisted,
    call_to_action
from raw_data.stg_user_viewing;

create view by_hand.dim_users as
with viewers as (
    select
        user_id, count(*) as view_count, count(*) filter (where is_wishlisted) as wishlist_count,
        min(viewed_at)::date as first_viewed_on, max(viewed_at)::date as last_viewed_on
    from raw_data.stg_user_viewing
    where user_id is not null
    group by user_id
), bookers as (
    select
        user_id, count(*) as booking_count,
        count(*) filter (where lower(booking_status) = 'confirmed') as confirmed_booking_count,
        min(booking_date) as first_booked_on, max(booking_date) as last_booked_on
    from raw_data.stg_bookings
    where user_id is not null
    group by user_id
)
select
    user_id, coalesce(view_count, 0) as view_count, coalesce(wishlist_count, 0) as wishlist_count, first_viewed_on,
    last_viewed_on, coalesce(booking_count, 0) as booking_count,
    coalesce(confirmed_booking_count, 0) as confirmed_booking_count, first_booked_on, last_booked_on
from viewers
full join bookers using (user_id);

-- Over curated, which therefore stands first.
create schema curated;
create table curated.dim_listings as from by_hand.dim_listings;
create table curated.fact_bookings as from by_hand.fact_bookings;
create table curated.fact_user_views as from by_hand.fact_user_views;
create table curated.dim_users as from by_hand.dim_users;

create view by_hand.dim_dates as
with starts as (
    select min(active_from) as day
    from curated.dim_listings
    where active_from <= getvariable('as_of') and (active_to is null or active_to >= active_from)
    union all
    select least(min(booking_date), min(checkin_date) filter (where checkin_date <= getvariable('as_of')))
    from curated.fact_bookings
    where booking_date <= getvariable('as_of')
), first as (
    select least(date_trunc('month', min(day)), date_trunc('week', min(day)))::date as day
    from starts
)
select d::date as day, date_trunc('week', d)::date as week_start, date_trunc('month', d)::date as month_start
from first, range(first.day, getvariable('as_of') + 1, interval 1 day) r(d)
where first.day is not null;

create table curated.dim_dates as from by_hand.dim_dates;
checkpoint;
