-- severity: error
-- scope: views
-- grain: one row per pair of sums that differ
-- message: bookings per user, top listings and known bookings count the same bookings
select per_user.n as bookings_per_user, per_listing.n as top_listings, known.n as known_bookings
from (select coalesce(sum(bookings), 0) as n from presentation.vw_bookings_per_user_weekly) per_user
cross join (select coalesce(sum(bookings), 0) as n from presentation.vw_top_listings_weekly) per_listing
cross join (
    select count(*) as n
    from curated.fact_bookings f
    cross join curated.build b
    where f.booking_date <= b.as_of
) known
where per_user.n <> per_listing.n or per_user.n <> known.n
