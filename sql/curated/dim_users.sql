-- Every user who viewed or booked; independent of the as-of date.
-- grain: one row per user_id
with

viewers as (

    select
        v.user_id,
        count(*) as view_count,
        count(case when v.is_wishlisted then 1 end) as wishlist_count,
        cast(min(v.viewed_at) as date) as first_viewed_on,
        cast(max(v.viewed_at) as date) as last_viewed_on
    from raw_data.stg_user_viewing v
    -- incremental: inner join (select distinct user_id from curated.changed_users) c on v.user_id = c.user_id
    where v.user_id is not null
    group by v.user_id

),

bookers as (

    select
        b.user_id,
        count(*) as booking_count,
        count(case when {{is_confirmed}} then 1 end) as confirmed_booking_count,
        min(b.booking_date) as first_booked_on,
        max(b.booking_date) as last_booked_on
    from raw_data.stg_bookings b
    -- incremental: inner join (select distinct user_id from curated.changed_users) c on b.user_id = c.user_id
    where b.user_id is not null
    group by b.user_id

)

select
    coalesce(v.user_id, b.user_id) as user_id,
    coalesce(v.view_count, 0) as view_count,
    coalesce(v.wishlist_count, 0) as wishlist_count,
    v.first_viewed_on,
    v.last_viewed_on,
    coalesce(b.booking_count, 0) as booking_count,
    coalesce(b.confirmed_booking_count, 0) as confirmed_booking_count,
    b.first_booked_on,
    b.last_booked_on
from viewers v
full outer join bookers b on v.user_id = b.user_id
