-- Every user who viewed or booked; independent of the as-of date.
-- grain: one row per user_id
with

viewers as (

    select
        user_id,
        count(*) as view_count,
        sum(case when is_wishlisted then 1 else 0 end) as wishlist_count,
        cast(min(viewed_at) as date) as first_viewed_on,
        cast(max(viewed_at) as date) as last_viewed_on,
        0 as booking_count,
        0 as confirmed_booking_count,
        cast(null as date) as first_booked_on,
        cast(null as date) as last_booked_on
    from raw_data.stg_user_viewing
    where user_id is not null
    -- incremental: and user_id in (select user_id from curated.changed_users)
    group by user_id

),

bookers as (

    select
        user_id,
        0 as view_count,
        0 as wishlist_count,
        cast(null as date) as first_viewed_on,
        cast(null as date) as last_viewed_on,
        count(*) as booking_count,
        sum(case when {{is_confirmed}} then 1 else 0 end) as confirmed_booking_count,
        min(booking_date) as first_booked_on,
        max(booking_date) as last_booked_on
    from raw_data.stg_bookings
    where user_id is not null
    -- incremental: and user_id in (select user_id from curated.changed_users)
    group by user_id

),

users as (

    select * from viewers
    union all
    select * from bookers

)

select
    user_id,
    cast(sum(view_count) as bigint) as view_count,
    cast(sum(wishlist_count) as bigint) as wishlist_count,
    min(first_viewed_on) as first_viewed_on,
    max(last_viewed_on) as last_viewed_on,
    cast(sum(booking_count) as bigint) as booking_count,
    cast(sum(confirmed_booking_count) as bigint) as confirmed_booking_count,
    min(first_booked_on) as first_booked_on,
    max(last_booked_on) as last_booked_on
from users
group by user_id
