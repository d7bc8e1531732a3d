-- Every user who viewed or booked; independent of the as-of date.
-- grain: one row per user_id
with

viewers as (

    select
        v.user_id,
        count(*) as view_count,
        sum(case when v.is_wishlisted then 1 else 0 end) as wishlist_count,
        cast(min(v.viewed_at) as date) as first_viewed_on,
        cast(max(v.viewed_at) as date) as last_viewed_on,
        0 as booking_count,
        0 as confirmed_booking_count,
        cast(null as date) as first_booked_on,
        cast(null as date) as last_booked_on
    from raw_data.stg_user_viewing v
    -- incremental: inner join (select distinct user_id from curated.changed_users) c on v.user_id = c.user_id
    where v.user_id is not null
    group by v.user_id

),

bookers as (

    select
        b.user_id,
        0 as view_count,
        0 as wishlist_count,
        cast(null as date) as first_viewed_on,
        cast(null as date) as last_viewed_on,
        count(*) as booking_count,
        sum(case when {{is_confirmed}} then 1 else 0 end) as confirmed_booking_count,
        min(b.booking_date) as first_booked_on,
        max(b.booking_date) as last_booked_on
    from raw_data.stg_bookings b
    -- incremental: inner join (select distinct user_id from curated.changed_users) c on b.user_id = c.user_id
    where b.user_id is not null
    group by b.user_id

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
