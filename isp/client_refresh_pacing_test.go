package isp

import (
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"wisphub-graphql/wisphub/wisphubtest"
)

func TestPaceLasts(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		calls, hour int
		want        time.Duration
	}{
		{1, 1000, 5 * time.Minute},
		{41, 1000, 5 * time.Minute},
		{42, 1000, time.Hour/11 + time.Second},
		{67, 1000, time.Hour/7 + time.Second},
		{67, 333, time.Hour/2 + time.Second},
		{250, 1000, time.Hour/2 + time.Second},
		{500, 1000, time.Hour + time.Second},
		{1000, 1000, 2 * time.Hour},
		{1, 1, time.Hour + time.Second},
		{0, 1000, 5 * time.Minute},
	} {
		p := pace{ttl: 5 * time.Minute}
		p.note(time.Now(), test.calls)
		if got := p.lasts(test.hour); got != test.want {
			t.Errorf("lasts of %d calls of %d an hour = %v, want %v", test.calls, test.hour, got, test.want)
		}
	}
}

// Whatever each reading costs, those of any hour cost at most half of its calls; one that costs more than ever before is the
// only one that may go over.
func TestPaceProperty(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		hour := rapid.IntRange(100, 2000).Draw(t, "hour")
		costs := rapid.SliceOfN(rapid.IntRange(1, hour/4), 1, 40).Draw(t, "costs")
		p, now := pace{ttl: 5 * time.Minute}, time.Unix(0, 0)
		var all []reading
		for _, calls := range costs {
			p.note(now, calls)
			all = append(all, reading{now, calls})
			now = now.Add(p.lasts(hour))
		}
		for i := 1; i < len(all); i++ {
			spent := 0
			for _, r := range all[:i] {
				if all[i].began.Sub(r.began) < time.Hour {
					spent += r.calls
				}
			}
			// What the reading would cost was not known when its time was set: it was taken to cost what the last one did.
			if spent+all[i-1].calls > hour/2 && spent > 0 {
				t.Fatalf("reading %d of %v began when %d calls were spent, of %d an hour", i, all, spent, hour)
			}
		}
	})
}

// A list that cannot be read whole, at many calls a try, does not eat up the hour; who asks for it by force is served.
func TestPaceOfFailures(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 1500, func(*Config) {})
		if err := w.provider.Clients.Warm(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.upstream.SetFaults(wisphubtest.Faults{WrongTotal: 2})
		w.forget()
		w.poll(1, 90*time.Minute, func(page *ClientConnection, _ time.Duration, err error) {
			if err != nil || page.TotalCount != 1500 {
				t.Errorf("List() = %v, want the 1500 clients of before", err)
			}
		})
		if _, hour := w.calls(time.Hour); hour > 500+18 {
			t.Errorf("%d calls in an hour for a list that is never whole, want about half of 1000", hour)
		}
		w.upstream.SetFaults(wisphubtest.Faults{})
		if err := w.provider.Refresh(t.Context(), ResourceClients); err != nil {
			t.Errorf("Refresh() = %v", err)
		}
	})
}

// What other processes have read counts, too: the one before this one, and other replicas.
func TestPaceHears(t *testing.T) {
	t.Parallel()
	first, second := pace{ttl: 5 * time.Minute}, pace{ttl: 5 * time.Minute}
	began := time.Now().Add(-50 * time.Minute)
	for i := range 7 {
		first.note(began.Add(time.Duration(i)*time.Minute), 67)
	}
	second.hear(first.all()...)
	second.hear(first.all()...)
	if now := time.Now(); !second.exhausted(now, 1000) || second.exhausted(now.Add(20*time.Minute), 1000) {
		t.Errorf("exhausted() = %t now and %t later, want true and false", second.exhausted(now, 1000), second.exhausted(now.Add(20*time.Minute), 1000))
	}
}

// The readings travel with the directory.
func TestPaceIsKept(t *testing.T) {
	t.Parallel()
	d := directoryOf(t, map[string]any{"id_servicio": 1})
	d.readings = []reading{{time.Now().Add(-time.Minute), 67}, {time.Now(), 80}}
	data, err := encodeDirectory(d)
	if err != nil {
		t.Fatal(err)
	}
	decoded, err := decodeDirectory(data, colombia, 2)
	if err != nil || len(decoded.readings) != 2 {
		t.Fatalf("decodeDirectory() = %v, %v, want two readings", decoded, err)
	}
	for i, want := range d.readings {
		if got := decoded.readings[i]; !got.began.Equal(want.began) || got.calls != want.calls {
			t.Errorf("reading %d = %+v, want %+v", i, got, want)
		}
	}
}
