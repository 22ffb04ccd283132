package transport

import (
	"fmt"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

// Test15_6_WaitingModel opens and ends sockets without a token. The limits hold, every newcomer gets
// a place, and the place comes from its own network if that is full, otherwise from the network
// that holds most.
func Test15_6_WaitingModel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := newStreams(Config{})
		s.MaxWaiting, s.MaxWaitingPerNetwork = rapid.IntRange(1, 10).Draw(t, "max"), rapid.IntRange(1, 6).Draw(t, "per network")
		type socket struct {
			*place
			network netip.Prefix
		}
		var held []socket
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			if len(held) > 0 && rapid.IntRange(0, 3).Draw(t, "leaves") == 0 {
				i := rapid.IntRange(0, len(held)-1).Draw(t, "which")
				s.releaseWaiting(held[i].network, held[i].place)
				held = append(held[:i], held[i+1:]...)
				continue
			}
			network := netip.MustParsePrefix(fmt.Sprintf("192.0.2.%d/32", rapid.IntRange(1, 4).Draw(t, "network")))
			own, heaviest := s.waiting.held(network), s.waiting.held(s.waiting.heaviest())
			added := s.acquireWaiting(network)
			if added == nil {
				t.Fatal("a newcomer got no place")
			}
			for i, old := range held {
				if old.evicted.Err() == nil {
					continue
				}
				ofOwn := old.network == network && own == s.MaxWaitingPerNetwork
				if before := s.waiting.held(old.network) + 1; !ofOwn && before < heaviest {
					t.Fatalf("a network with %d places lost one, the heaviest had %d", before, heaviest)
				}
				s.releaseWaiting(old.network, old.place)
				held = append(held[:i], held[i+1:]...)
				break
			}
			held = append(held, socket{added, network})
			if s.waiting.total != len(held) || s.waiting.total > s.MaxWaiting || s.waiting.held(network) > s.MaxWaitingPerNetwork {
				t.Fatalf("%d places, counted %d, %d of the network", s.waiting.total, len(held), s.waiting.held(network))
			}
		}
		for _, h := range held {
			s.releaseWaiting(h.network, h.place)
		}
		if s.Close(); s.waiting.total+len(s.waiting.byOwner) > 0 {
			t.Fatalf("%d places are left", s.waiting.total)
		}
	})
}

// Test15_6_OpenIsShared lets four users fill all places. A fifth takes one from a user with more than
// one more, and the longest quiet stream of that user ends.
func Test15_6_OpenIsShared(t *testing.T) {
	t.Parallel()
	s := newStreams(Config{})
	s.MaxOpen, s.MaxPerUser = 9, 3
	heavy := map[string][]*place{}
	for i := range 9 {
		user := fmt.Sprint("heavy", i%3)
		p, refusal := s.acquire(user)
		if refusal != "" {
			t.Fatalf("stream %d of %s: %s", i, user, refusal)
		}
		heavy[user] = append(heavy[user], p)
	}
	if _, refusal := s.acquire("heavy0"); refusal != refusedUser {
		t.Errorf("a user above its limit: %q, want %q", refusal, refusedUser)
	}
	for user := range heavy {
		heavy[user][0].touch() // the second one is quiet for longest
	}
	for n, want := range []string{"", "", refusedFull} { // 3, 3, 3, 0 becomes 2, 2, 3, 2
		if _, refusal := s.acquire("late"); refusal != want {
			t.Errorf("stream %d of a late user: %q, want %q", n, refusal, want)
		}
	}
	for user, places := range heavy {
		if places[0].evicted.Err() != nil || places[2].evicted.Err() != nil {
			t.Errorf("%s lost a stream that had just carried a message", user)
		}
	}
	if s.open.total != 9 {
		t.Errorf("%d open streams, want 9", s.open.total)
	}
}

// Test15_6_StrangersTakeNoUsersStream lets logins over event streams, which have no user, wait for a
// free place.
func Test15_6_StrangersTakeNoUsersStream(t *testing.T) {
	t.Parallel()
	s := newStreams(Config{})
	s.MaxOpen = 10
	var open []*place
	for range s.MaxOpen {
		p, refusal := s.acquire("ana")
		if refusal != "" {
			t.Fatal(refusal)
		}
		open = append(open, p)
	}
	if _, refusal := s.acquire(""); refusal != refusedFull {
		t.Errorf("a stranger: %q, want %q", refusal, refusedFull)
	}
	for _, p := range open {
		if p.evicted.Err() != nil {
			t.Error("a user lost a stream to a stranger")
		}
	}
}

// Test15_6_SilentSocketsOfOneNetwork opens sockets from one IPv6 /64, where one may wait, and from
// another one.
func Test15_6_SilentSocketsOfOneNetwork(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		set := newPipeSet(t)
		set.Limits().MaxWaitingPerNetwork, set.Limits().InitTimeout = 1, time.Minute
		var sockets []*pipeSocket
		for _, address := range []string{"2001:db8::1", "2001:db8:0:1::1", "2001:db8::ffff:2", "192.0.2.1", "192.0.2.2"} {
			sockets = append(sockets, openPipeFrom(t, set, address))
			synctest.Wait()
			time.Sleep(time.Second)
		}
		if len(sockets[0].closed) == 0 {
			t.Error("the longest waiting socket of the /64 is open, want it closed")
		} else if code := <-sockets[0].closed; code != 4408 {
			t.Errorf("the longest waiting socket of the /64: code %d, want 4408", code)
		}
		for i, socket := range sockets[1:] {
			if len(socket.closed) > 0 {
				t.Errorf("socket %d of another network was closed with %d", i+1, <-socket.closed)
			}
		}
	})
}
