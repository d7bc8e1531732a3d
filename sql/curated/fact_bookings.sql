-- Confirmed bookings.
-- grain: one row per booking_id
select
    booking_id,
    user_id,
    apartment_id as listing_id,
    booking_date,
    checkin_date,
    checkout_date,
    total_price,
    {{upper_currency}} as currency,
    cast({{confirmed}} as varchar(9)) as booking_status,
    payment_status,
    num_guests
from raw_data.stg_bookings
where {{is_confirmed}}
-- incremental: and booking_id in (select booking_id from curated.changed_bookings)
