-- The source as texts, and over it the rows as the rules take them: _rule is set on rows that are no good, _nullified
-- on rows that lost a value, _row on rows that are kept whole as they are.
create temp view apartments_text as
from read_csv(getvariable('source') || '/apartments.csv', header = true, auto_detect = false, columns = {
    x0: 'VARCHAR', x1: 'VARCHAR', x2: 'VARCHAR', x3: 'VARCHAR', x4: 'VARCHAR', x5: 'VARCHAR', x6: 'VARCHAR',
    x7: 'VARCHAR'
});

create temp view apartments as
select
    id, title, source, price, currency, listing_created_on, is_active, last_modified_timestamp,
    case
        when id is null or price is null or listing_created_on is null or is_active is null
            or last_modified_timestamp is null
            then coalesce(
                key_rule(x0, id, 'id'), value_rule(x3, price, 'price'),
                value_rule(x5, listing_created_on, 'listing_created_on'), value_rule(x6, is_active, 'is_active'),
                value_rule(x7, last_modified_timestamp, 'last_modified_timestamp'))
    end as _rule,
    null::varchar as _nullified,
    case when _rule is not null then to_json([x0, x1, x2, x3, x4, x5, x6, x7])::varchar end as _row
from (
    select
        *, as_bigint(x0, v0) as id, as_text(x1) as title, as_text(x2) as source, as_money(x3, v3) as price,
        as_text(x4) as currency, as_timestamp(x5, v5) as listing_created_on, as_boolean(x6) as is_active,
        as_timestamp(x7, v7) as last_modified_timestamp
    from (
        select
            *, try_cast(x0 as bigint) as v0, try_cast(x3 as decimal(10,2)) as v3, try_cast(x5 as timestamp) as v5,
            try_cast(x7 as timestamp) as v7
        from apartments_text
    )
);

create temp view apartment_attributes_text as
from read_csv(getvariable('source') || '/apartment_attributes.csv', header = true, auto_detect = false, columns = {
    x0: 'VARCHAR', x1: 'VARCHAR', x2: 'VARCHAR', x3: 'VARCHAR', x4: 'VARCHAR', x5: 'VARCHAR', x6: 'VARCHAR',
    x7: 'VARCHAR', x8: 'VARCHAR', x9: 'VARCHAR', x10: 'VARCHAR', x11: 'VARCHAR', x12: 'VARCHAR', x13: 'VARCHAR',
    x14: 'VARCHAR', x15: 'VARCHAR', x16: 'VARCHAR'
});

create temp view apartment_attributes as
select
    id, category, body, amenities, bathrooms, bedrooms, fee, has_photo, pets_allowed, price_display, price_type,
    square_feet, address, cityname, state, latitude, longitude,
    key_rule(x0, id, 'id') as _rule,
    case
        when bathrooms is null or bedrooms is null or fee is null or square_feet is null or latitude is null
            or longitude is null
            then nullif(concat_ws(
                ',', nullified(x4, bathrooms, 'bathrooms'), nullified(x5, bedrooms, 'bedrooms'),
                nullified(x6, fee, 'fee'), nullified(x11, square_feet, 'square_feet'),
                nullified(x15, latitude, 'latitude'), nullified(x16, longitude, 'longitude')), '')
    end as _nullified,
    case
        when _rule is not null
            then to_json([x0, x1, x2, x3, x4, x5, x6, x7, x8, x9, x10, x11, x12, x13, x14, x15, x16])::varchar
    end as _row
from (
    select
        *, as_bigint(x0, v0) as id, as_text(x1) as category, as_text(x2) as body, as_text(x3) as amenities,
        as_rooms(x4, v4) as bathrooms, as_rooms(x5, v5) as bedrooms, as_money(x6, v6) as fee, as_text(x7) as has_photo,
        as_text(x8) as pets_allowed, as_text(x9) as price_display, as_text(x10) as price_type,
        as_integer(x11, v11) as square_feet, as_text(x12) as address, as_text(x13) as cityname, as_text(x14) as state,
        as_degrees(x15, v15) as latitude, as_degrees(x16, v16) as longitude
    from (
        select
            *, try_cast(x0 as bigint) as v0, try_cast(x4 as decimal(4,1)) as v4, try_cast(x5 as decimal(4,1)) as v5,
            try_cast(x6 as decimal(10,2)) as v6, try_cast(x11 as integer) as v11, try_cast(x15 as decimal(9,6)) as v15,
            try_cast(x16 as decimal(9,6)) as v16
        from apartment_attributes_text
    )
);

create temp view bookings_text as
from read_csv(getvariable('source') || '/bookings.csv', header = true, auto_detect = false, columns = {
    x0: 'VARCHAR', x1: 'VARCHAR', x2: 'VARCHAR', x3: 'VARCHAR', x4: 'VARCHAR', x5: 'VARCHAR', x6: 'VARCHAR',
    x7: 'VARCHAR', x8: 'VARCHAR', x9: 'VARCHAR', x10: 'VARCHAR'
});

create temp view bookings as
select
    booking_id, user_id, apartment_id, booking_date, checkin_date, checkout_date, total_price, currency, booking_status,
    payment_status, num_guests,
    case
        when booking_id is null or user_id is null or apartment_id is null or booking_date is null
            or checkin_date is null or checkout_date is null or total_price is null
            then coalesce(
                key_rule(x0, booking_id, 'booking_id'), value_rule(x1, user_id, 'user_id'),
                value_rule(x2, apartment_id, 'apartment_id'), value_rule(x3, booking_date, 'booking_date'),
                value_rule(x4, checkin_date, 'checkin_date'), value_rule(x5, checkout_date, 'checkout_date'),
                value_rule(x6, total_price, 'total_price'))
    end as _rule,
    nullified(x10, num_guests, 'num_guests') as _nullified,
    case when _rule is not null then to_json([x0, x1, x2, x3, x4, x5, x6, x7, x8, x9, x10])::varchar end as _row
from (
    select
        *, as_bigint(x0, v0) as booking_id, as_bigint(x1, v1) as user_id, as_bigint(x2, v2) as apartment_id,
        as_date(x3, v3) as booking_date, as_date(x4, v4) as checkin_date, as_date(x5, v5) as checkout_date,
        as_money(x6, v6) as total_price, as_text(x7) as currency, as_text(x8) as booking_status,
        as_text(x9) as payment_status, as_integer(x10, v10) as num_guests
    from (
        select
            *, try_cast(x0 as bigint) as v0, try_cast(x1 as bigint) as v1, try_cast(x2 as bigint) as v2,
            try_cast(x3 as date) as v3, try_cast(x4 as date) as v4, try_cast(x5 as date) as v5,
            try_cast(x6 as decimal(10,2)) as v6, try_cast(x10 as integer) as v10
        from bookings_text
    )
);

create temp view user_viewing_text as
from read_csv(getvariable('source') || '/user_viewing.csv', header = true, auto_detect = false, columns = {
    x0: 'VARCHAR', x1: 'VARCHAR', x2: 'VARCHAR', x3: 'VARCHAR', x4: 'VARCHAR'
});

create temp view user_viewing as
select
    user_id, apartment_id, viewed_at, is_wishlisted, call_to_action,
    case
        when user_id is null or apartment_id is null or viewed_at is null
            then coalesce(
                key_rule(x0, user_id, 'user_id'), key_rule(x1, apartment_id, 'apartment_id'),
                key_rule(x2, viewed_at, 'viewed_at'))
    end as _rule,
    nullified(x3, is_wishlisted, 'is_wishlisted') as _nullified,
    case when _rule is not null then to_json([x0, x1, x2, x3, x4])::varchar end as _row
from (
    select
        *, as_bigint(x0, v0) as user_id, as_bigint(x1, v1) as apartment_id, as_timestamp(x2, v2) as viewed_at,
        as_boolean(x3) as is_wishlisted, as_text(x4) as call_to_action
    from (
        select *, try_cast(x0 as bigint) as v0, try_cast(x1 as bigint) as v1, try_cast(x2 as timestamp) as v2
        from user_viewing_text
    )
);
