import { Weighted } from './random.js'

export interface City {
  name: string
  state: string
  currency: 'USD' | 'EUR' | 'GBP'
  /** Monthly rent of a place with one bedroom, in whole units. */
  rent: number
  latitude: number
  longitude: number
}

const city = (
  weight: number,
  name: string,
  state: string,
  currency: City['currency'],
  rent: number,
  latitude: number,
  longitude: number,
): readonly [City, number] => [{ name, state, currency, rent, latitude, longitude }, weight]

/** Twenty cities, a few of them with most of the listings. */
export const CITIES = new Weighted([
  city(16, 'New York', 'NY', 'USD', 3400, 40.7128, -74.006),
  city(11, 'Los Angeles', 'CA', 'USD', 2500, 34.0522, -118.2437),
  city(10, 'London', 'England', 'GBP', 1900, 51.5074, -0.1278),
  city(8, 'Chicago', 'IL', 'USD', 1900, 41.8781, -87.6298),
  city(7, 'Austin', 'TX', 'USD', 1650, 30.2672, -97.7431),
  city(6, 'Berlin', 'BE', 'EUR', 1350, 52.52, 13.405),
  city(6, 'Seattle', 'WA', 'USD', 2100, 47.6062, -122.3321),
  city(5, 'Denver', 'CO', 'USD', 1750, 39.7392, -104.9903),
  city(5, 'Boston', 'MA', 'USD', 2900, 42.3601, -71.0589),
  city(4, 'Barcelona', 'Catalonia', 'EUR', 1300, 41.3874, 2.1686),
  city(4, 'Miami', 'FL', 'USD', 2300, 25.7617, -80.1918),
  city(3.5, 'Dallas', 'TX', 'USD', 1500, 32.7767, -96.797),
  city(3, 'Portland', 'OR', 'USD', 1600, 45.5152, -122.6784),
  city(2.5, 'Portland', 'ME', 'USD', 1750, 43.6591, -70.2568),
  city(2.5, 'Dublin', 'Leinster', 'EUR', 2000, 53.3498, -6.2603),
  city(2, 'Manchester', 'England', 'GBP', 1150, 53.4808, -2.2426),
  city(1.5, 'Lisbon', 'Lisboa', 'EUR', 1250, 38.7223, -9.1393),
  city(1.2, 'Nashville', 'TN', 'USD', 1550, 36.1627, -86.7816),
  city(1, 'Edinburgh', 'Scotland', 'GBP', 1200, 55.9533, -3.1883),
  city(0.8, 'Boise', 'ID', 'USD', 1350, 43.615, -116.2023),
])

export const BEDROOMS = new Weighted([
  [0, 8],
  [1, 34],
  [2, 36],
  [3, 16],
  [4, 5],
  [5, 1],
] as const)

export const CATEGORIES = new Weighted([
  ['housing/rent/apartment', 88],
  ['housing/rent/home', 7],
  ['housing/rent/short_term', 5],
] as const)

export const STREETS = [
  'Maple Street',
  'Oak Avenue',
  'Station Road',
  'Park Lane',
  'River Walk',
  'Mill Lane',
  'Harbor Way',
]
export const FLAIRS = ['Sunny', 'Quiet', 'Spacious', 'Renovated', 'Cozy', 'Modern', 'Bright', 'Charming']
export const SOURCES = ['RentLingo', 'RentDigs', 'Craigslist', 'Listed Direct']
export const AMENITIES = ['Parking', 'Gym', 'Pool', 'Dishwasher', 'Balcony', 'Elevator', 'Storage', 'Garden']
export const PHOTOS = ['Thumbnail', 'Yes', 'No']
export const PETS = ['Cats', 'Dogs', 'Cats,Dogs', 'None']
export const REMARKS = [
  'Close to shops and public transport.',
  'Large windows face the courtyard.',
  'The kitchen was refitted last year.',
  'Laundry is in the building.',
  'Heating and water are included.',
  'A park is a short walk away.',
  'Bicycles can be kept in the cellar.',
]
