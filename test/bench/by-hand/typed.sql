-- The source, typed by the engine's own reader: what a cell may look like is left to it.
create temp view apartments as
from read_csv(getvariable('source') || '/apartments.csv', header = true, auto_detect = false, columns = {
    id: 'BIGINT', title: 'VARCHAR', source: 'VARCHAR', price: 'DECIMAL(10,2)', currency: 'VARCHAR',
    listing_created_on: 'TIMESTAMP', is_active: 'BOOLEAN', last_modified_timestamp: 'TIMESTAMP'
});

create temp view apartment_attributes as
from read_csv(getvariable('source') || '/apartment_attributes.csv', header = true, auto_detect = false, columns = {
    id: 'BIGINT', category: 'VARCHAR', body: 'VARCHAR', amenities: 'VARCHAR', bathrooms: 'DECIMAL(4,1)',
    bedrooms: 'DECIMAL(4,1)', fee: 'DECIMAL(10,2)', has_photo: 'VARCHAR', pets_allowed: 'VARCHAR',
    price_display: 'VARCHAR', price_type: 'VARCHAR', square_feet: 'INTEGER', address: 'VARCHAR', cityname: 'VARCHAR',
    state: 'VARCHAR', latitude: 'DECIMAL(9,6)', longitude: 'DECIMAL(9,6)'
});

create temp view bookings as
from read_csv(getvariable('source') || '/bookings.csv', header = true, auto_detect = false, columns = {
    booking_id: 'BIGINT', user_id: 'BIGINT', apartment_id: 'BIGINT', booking_date: 'DATE', checkin_date: 'DATE',
    checkout_date: 'DATE', total_price: 'DECIMAL(10,2)', currency: 'VARCHAR', booking_status: 'VARCHAR',
    payment_status: 'VARCHAR', num_guests: 'INTEGER'
});

create temp view user_viewing as
from read_csv(getvariable('source') || '/user_viewing.csv', header = true, auto_detect = false, columns = {
    user_id: 'BIGINT', apartment_id: 'BIGINT', viewed_at: 'TIMESTAMP', is_wishlisted: 'BOOLEAN',
    call_to_action: 'VARCHAR'
});
