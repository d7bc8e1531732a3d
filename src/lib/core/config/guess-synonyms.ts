import type { SourceTableName } from '../model.js'

/** What the field calls one thing of the model. */
interface Words {
  /** Of a row of the table, the likelier first; names are compared without case, signs between words and plural. */
  table: readonly string[]
  /**
   * By column of the model, the likelier first. The model's own name stands before them, unless it stands among them: in a
   * table of details `id` may number the details, and `listing_id` is then the listing.
   */
  columns: Readonly<Record<string, readonly string[]>>
}

const HOMES = [
  ...['apartment', 'listing', 'property', 'unit', 'home', 'rental', 'accommodation', 'house', 'flat', 'condo'],
  ...['lodging', 'place', 'space'],
]
const DETAILS = ['attribute', 'detail', 'feature', 'info', 'description', 'location', 'address']
const STAYS = ['booking', 'reservation', 'stay', 'order', 'trip']
const VIEWS = ['view', 'viewing', 'visit', 'impression', 'click']

const each = (first: readonly string[], second: readonly string[]): string[] =>
  first.flatMap((one) => second.map((other) => `${one}_${other}`))

const HOME_IDS = each(HOMES, ['id'])
const USER_IDS = each(
  ['guest', 'customer', 'client', 'visitor', 'viewer', 'member', 'tenant', 'renter', 'account'],
  ['id'],
)
const CURRENCY = ['currency_code', 'price_currency', 'iso_currency', 'curr', 'ccy']

/** The one table of synonyms. A name stands at one column of a table only; a test holds that. */
export const SYNONYMS: Readonly<Record<SourceTableName, Words>> = {
  apartments: {
    table: HOMES,
    columns: {
      id: [...HOME_IDS, 'number', 'no'],
      title: ['name', 'headline', 'heading'],
      source: ['origin', 'channel', 'provider', 'platform', 'website', 'site'],
      price: [
        ...['nightly_price', 'price_per_night', 'nightly_rate', 'daily_price', 'daily_rate', 'monthly_rent'],
        ...[
          'monthly_price',
          'rent',
          'rate',
          'list_price',
          'base_price',
          'asking_price',
          'price_amount',
          'amount',
          'cost',
        ],
      ],
      currency: CURRENCY,
      listing_created_on: [
        ...['created_on', 'created_at', 'created', 'date_created', 'created_date', 'creation_date', 'create_time'],
        ...[
          'listed_on',
          'listed_at',
          'listing_date',
          'listed_date',
          'published_at',
          'published_on',
          'posted_at',
          'posted_on',
        ],
      ],
      is_active: ['active', 'is_enabled', 'enabled', 'is_live', 'live', 'is_published', 'published', 'status'],
      last_modified_timestamp: [
        ...['last_modified', 'last_modified_at', 'last_modified_on', 'modified_at', 'modified_on', 'modified'],
        ...['last_updated', 'last_updated_at', 'updated_at', 'updated_on', 'updated', 'date_modified', 'modified_date'],
        ...['update_time', 'last_change', 'changed_at'],
      ],
    },
  },
  apartment_attributes: {
    table: [...each(HOMES, DETAILS), ...DETAILS],
    columns: {
      id: [...HOME_IDS, 'id'],
      category: ['property_type', 'room_type', 'type', 'kind'],
      body: ['description', 'text', 'summary', 'long_description'],
      amenities: ['facilities', 'features', 'amenity_list'],
      bathrooms: ['baths', 'bath', 'num_bathrooms', 'bathroom_count', 'number_of_bathrooms'],
      bedrooms: ['beds', 'bed', 'num_bedrooms', 'bedroom_count', 'number_of_bedrooms'],
      fee: ['fees'],
      has_photo: ['photo', 'has_photos', 'has_image', 'has_picture'],
      pets_allowed: ['pets', 'pet_friendly', 'pets_policy', 'pet_policy', 'allows_pets'],
      price_display: ['display_price', 'price_text', 'formatted_price', 'price_label'],
      price_type: ['rate_type', 'pricing_type', 'price_period', 'price_unit'],
      square_feet: ['sqft', 'square_footage', 'area_sqft', 'living_area_sqft', 'size_sqft'],
      address: ['street_address', 'street', 'address_line_1', 'full_address'],
      cityname: ['city', 'town', 'municipality', 'locality', 'city_town'],
      state: ['state_code', 'state_name', 'us_state', 'state_province', 'province', 'region'],
      latitude: ['lat', 'geo_lat'],
      longitude: ['lon', 'lng', 'long', 'geo_lng', 'geo_lon'],
    },
  },
  bookings: {
    table: STAYS,
    columns: {
      booking_id: ['id', ...each(STAYS, ['id', 'no', 'number']), 'no', 'number', 'confirmation_number'],
      user_id: ['user', ...USER_IDS, 'guest', 'customer'],
      apartment_id: [...HOME_IDS, 'apartment', 'listing', 'property'],
      booking_date: [
        ...[
          'booked_on',
          'booked_at',
          'booked',
          'date_booked',
          'reservation_date',
          'reserved_on',
          'reserved_at',
          'order_date',
        ],
        ...['created_at', 'created_on', 'created', 'date_created', 'created_date', 'date'],
      ],
      checkin_date: [
        ...[
          'check_in',
          'check_in_at',
          'check_in_on',
          'arrival',
          'arrival_date',
          'arrives_on',
          'start_date',
          'date_from',
        ],
        ...['from_date', 'start', 'starts_on', 'stay_start', 'begin_date'],
      ],
      checkout_date: [
        ...[
          'check_out',
          'check_out_at',
          'check_out_on',
          'departure',
          'departure_date',
          'departs_on',
          'end_date',
          'date_to',
        ],
        ...['to_date', 'end', 'ends_on', 'stay_end'],
      ],
      total_price: [
        ...['total', 'total_amount', 'total_cost', 'total_paid', 'grand_total', 'amount', 'price', 'cost', 'revenue'],
        ...['amount_paid', 'total_price_amount'],
      ],
      currency: CURRENCY,
      booking_status: ['status', 'reservation_status', 'state', 'booking_state', 'order_status'],
      payment_status: ['payment_state', 'pay_status', 'payment'],
      num_guests: ['guests', 'guest_count', 'number_of_guests', 'no_of_guests', 'party_size', 'pax', 'persons'],
    },
  },
  user_viewing: {
    table: [
      'user_viewing',
      ...each(['user', 'page', ...HOMES], VIEWS),
      ...VIEWS,
      ...['view_event', 'viewing_event', 'view_history', 'browsing_history', 'event'],
    ],
    columns: {
      user_id: ['user', ...USER_IDS, 'customer', 'visitor'],
      apartment_id: [...HOME_IDS, 'apartment', 'listing', 'property'],
      viewed_at: [
        ...['viewed_on', 'viewed', 'view_time', 'view_date', 'viewed_timestamp', 'seen_at', 'visited_at', 'visited_on'],
        ...[
          'event_time',
          'event_timestamp',
          'event_at',
          'event_date',
          'occurred_at',
          'timestamp',
          'datetime',
          'time',
          'ts',
        ],
        ...['created_at', 'created_on', 'date'],
      ],
      is_wishlisted: [
        ...['wishlisted', 'wishlist', 'in_wishlist', 'on_wishlist', 'added_to_wishlist', 'is_favorite', 'is_favourite'],
        ...['favorite', 'favourite', 'favorited', 'is_saved', 'saved', 'liked'],
      ],
      call_to_action: ['cta', 'action', 'action_type', 'cta_type', 'cta_clicked'],
    },
  },
}

/** Tables that a marketplace has beside those of the model: by the look of their columns alone they would be taken for some. */
export const OTHER_TABLES = [
  ...['user', 'guest', 'customer', 'client', 'member', 'host', 'owner', 'agent', 'landlord', 'account', 'person'],
  ...['review', 'rating', 'payment', 'invoice', 'message', 'calendar', 'city', 'state', 'country', 'currency'],
]

/** Words of a column whose values say what it is, when no name does; all of them are such, in any case. */
export const VALUE_WORDS: Readonly<Record<string, readonly string[]>> = {
  booking_status: ['confirmed', 'pending', 'canceled', 'cancelled'],
  currency: ['usd', 'eur', 'gbp', 'inr', 'cad', 'aud', 'chf', 'jpy', 'cny', 'mxn', 'brl', 'sek', 'nok', 'dkk', 'pln'],
  is_active: ['active', 'inactive'],
}
