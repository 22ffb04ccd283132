package calendar

import (
	"math"
	"testing"
	"time"
)

// juneSolstice returns the instant by chapter 27 of Jean Meeus, Astronomical Algorithms (1998),
// whose error is below a minute. UTC is taken as Dynamical Time less 70 seconds.
func juneSolstice(year int) time.Time {
	y := float64(year-2000) / 1000
	mean := 2451716.56767 + 365241.62603*y + 0.00325*y*y + 0.00888*y*y*y - 0.00030*y*y*y*y
	centuries := (mean - 2451545) / 36525
	w := (35999.373*centuries - 2.47) * math.Pi / 180
	lambda := 1 + 0.0334*math.Cos(w) + 0.0007*math.Cos(2*w)
	var sum float64
	for _, term := range solsticeTerms {
		sum += term[0] * math.Cos((term[1]+term[2]*centuries)*math.Pi/180)
	}
	julianDay := mean + 0.00001*sum/lambda
	seconds := (julianDay-2440587.5)*24*60*60 - 70
	return time.Unix(int64(seconds), 0).UTC()
}

// solsticeTerms is table 27.C.
var solsticeTerms = [][3]float64{
	{485, 324.96, 1934.136}, {203, 337.23, 32964.467}, {199, 342.08, 20.186}, {182, 27.85, 445267.112},
	{156, 73.14, 45036.886}, {136, 171.52, 22518.443}, {77, 222.54, 65928.934}, {74, 296.72, 3034.906},
	{70, 243.58, 9037.513}, {58, 119.81, 33718.147}, {52, 297.17, 150.678}, {50, 21.02, 2281.226},
	{45, 247.54, 29929.562}, {44, 325.15, 31555.956}, {29, 60.93, 4443.417}, {18, 155.12, 67555.328},
	{17, 288.79, 4562.452}, {16, 198.04, 62894.029}, {14, 199.76, 31436.921}, {12, 95.39, 14577.848},
	{12, 287.11, 31931.756}, {12, 320.81, 34777.259}, {9, 227.73, 1222.114}, {8, 15.45, 16859.074},
}

// TestJuneSolstice compares with instants of the US Naval Observatory.
func TestJuneSolstice(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"2020-06-20T21:44:00Z", "2024-06-20T20:51:00Z", "2026-06-21T08:25:00Z", "2027-06-21T14:11:00Z"} {
		want, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		if got := juneSolstice(want.Year()); got.Sub(want).Abs() > 2*time.Minute {
			t.Errorf("juneSolstice(%d) = %v, want %v", want.Year(), got, want)
		}
	}
}
