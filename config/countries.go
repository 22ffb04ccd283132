package config

import (
	"strings"
	"time"

	"wisphub-graphql/isp/calendar"
)

// noHolidays is the choice of HOLIDAYS beside the countries.
const noHolidays = "none"

// checkCountry checks the settings whose defaults follow the time zone, and sets these defaults.
func (r *report) checkCountry(s *Settings) {
	choices := append(calendar.Countries(), noHolidays)
	if s.Holidays != "" {
		s.Holidays = r.oneOf("HOLIDAYS", s.Holidays, choices...)
	}
	if s.Currency != "" {
		r.require("CURRENCY", isCurrency(s.Currency),
			problem{"must be three upper-case letters of ISO 4217, such as COP", "value_error.currency"})
	}
	if _, invalid := r.problems["TIMEZONE"]; invalid {
		return
	}
	country, known := countryOf(s.Timezone)
	if s.Holidays == "" {
		s.Holidays = country
		if !known {
			s.Holidays = noHolidays
			r.warn("HOLIDAYS", "the public holidays of this TIMEZONE are not known and do not count; set it to one of "+
				strings.Join(choices, ", "))
		}
	}
	if s.Currency == "" {
		s.Currency = currencies[country]
		if !known {
			s.Currency = currencies["co"]
			r.warn("CURRENCY", "the currency of this TIMEZONE is not known; set it if it is not "+s.Currency)
		}
	}
}

// currencies has the currency of each country of the calendar. Amounts in Panama are in US dollars,
// which its balboa equals.
var currencies = map[string]string{
	"ar": "ARS", "cl": "CLP", "co": "COP", "cr": "CRC", "do": "DOP", "ec": "USD", "gt": "GTQ", "hn": "HNL",
	"mx": "MXN", "ni": "NIO", "pa": "USD", "pe": "PEN", "ve": "VES",
}

// countryOf returns the country of the time zone, or false if it is none of the calendar.
func countryOf(zone *time.Location) (country string, known bool) {
	name := zone.String()
	if strings.HasPrefix(name, "America/Argentina/") {
		return "ar", true
	}
	country, known = zoneCountries[name]
	return country, known
}

// zoneCountries has the time zones of each country, with their old names, as zone1970.tab and
// backward of the IANA database list them. America/Argentina has too many to list.
var zoneCountries = map[string]string{
	"America/Buenos_Aires": "ar", "America/Catamarca": "ar", "America/Cordoba": "ar", "America/Jujuy": "ar",
	"America/Mendoza": "ar", "America/Rosario": "ar",

	"America/Santiago": "cl", "America/Punta_Arenas": "cl", "America/Coyhaique": "cl", "Pacific/Easter": "cl",
	"Chile/Continental": "cl", "Chile/EasterIsland": "cl",

	"America/Bogota": "co", "America/Costa_Rica": "cr", "America/Santo_Domingo": "do",
	"America/Guayaquil": "ec", "Pacific/Galapagos": "ec",
	"America/Guatemala": "gt", "America/Tegucigalpa": "hn",

	"America/Mexico_City": "mx", "America/Tijuana": "mx", "America/Monterrey": "mx", "America/Cancun": "mx",
	"America/Merida": "mx", "America/Chihuahua": "mx", "America/Ciudad_Juarez": "mx", "America/Ojinaga": "mx",
	"America/Matamoros": "mx", "America/Hermosillo": "mx", "America/Mazatlan": "mx", "America/Bahia_Banderas": "mx",
	"America/Ensenada": "mx", "America/Santa_Isabel": "mx",
	"Mexico/General": "mx", "Mexico/BajaNorte": "mx", "Mexico/BajaSur": "mx",

	"America/Managua": "ni", "America/Panama": "pa", "America/Lima": "pe", "America/Caracas": "ve",
}
