-- severity: error
-- scope: rules
-- grain: one row per row with a NULL in its key
-- message: no key column of raw is NULL
select 'stg_apartments' as table_name, _run_id from raw_data.stg_apartments where id is null
union all
select 'stg_apartment_attributes' as table_name, _run_id from raw_data.stg_apartment_attributes where id is null
union all
select 'stg_bookings' as table_name, _run_id from raw_data.stg_bookings where booking_id is null
union all
select 'stg_user_viewing' as table_name, _run_id
from raw_data.stg_user_viewing
where user_id is null or apartment_id is null or viewed_at is null
