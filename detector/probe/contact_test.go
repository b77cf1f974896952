package probe_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/swimpair/swim/detector/probe"
	"github.com/swimpair/swim/proto/swim"
)

const contactCap = 64 // pings of contacts that may be out at once

func TestAContactIsPingedAtOnce(t *testing.T) {
	n := startNode(t)
	got := only[probe.Ping](t, n.change(contact("late:1")))
	want := probe.Ping{Number: got.Number, Address: "late:1", Timeout: timeout, Trace: got.Trace}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got.Trace == (swim.TraceID{}) {
		t.Errorf("got no trace, want one")
	}
	only[probe.Ping](t, newNode(t, config(), 1).see(contact("late:1")))
}

func TestAContactIsPingedOnceAtATime(t *testing.T) {
	n := startNode(t, contact("late:1"))
	none[probe.Ping](t, n.advance(10*period), "the ping is still out")
}

func TestAContactIsRetriedForEverWithBackoff(t *testing.T) {
	n := newNode(t, config(), 1)
	n.world = dead
	var at []time.Duration
	n.after = func(_ probe.Input, effects []probe.Effect) {
		for range contactPings(effects) {
			at = append(at, n.now.Mono)
		}
	}
	n.see(contact("late:1"))
	n.advance(30 * time.Minute)
	// The delay is drawn from half to one and a half of the backoff: 250 ms, doubled, 5 s at most.
	backoff := 250 * time.Millisecond
	for i := 1; i < len(at); i++ {
		if got := at[i] - at[i-1] - timeout; got < backoff/2 || got > backoff*3/2 {
			t.Errorf("got a delay of %s before try %d, want %s to %s", got, i+1, backoff/2, backoff*3/2)
		}
		backoff = min(2*backoff, 5*time.Second)
	}
	if end := n.now.Mono - 8*time.Second; at[len(at)-1] < end {
		t.Errorf("got the last try %s before the end, want contacts retried for ever", n.now.Mono-at[len(at)-1])
	}
}

func TestAMissedContactIsSaidOnceAndReportedEachTime(t *testing.T) {
	n := newNode(t, config(), 1)
	n.world = dead
	effects := append(n.see(contact("late:1")), n.advance(time.Minute)...)
	told(t, effects, probe.ContactMissed)
	reports := pick[probe.ReportMissed](effects)
	if len(reports) < 5 {
		t.Fatalf("got %d reports of a missed contact in a minute, want several", len(reports))
	}
	for _, r := range reports {
		if r.Address != "late:1" || r.Evidence != swim.Silent {
			t.Errorf("got %+v, want late:1 silent", r)
		}
	}
}

func TestAReachedContactIsReportedWithWhoAnswered(t *testing.T) {
	n := startNode(t)
	ping := only[probe.Ping](t, n.change(contact("late:1")))
	effects := n.step(probe.PingEnded{Number: ping.Number, Evidence: swim.Acked, Responder: member("5")})
	got := only[probe.ReportReached](t, effects)
	if got.Address != "late:1" || got.Responder.ID != "5" || got.Responder.Instance != instanceOf("5") || got.Trace != ping.Trace {
		t.Errorf("got %+v, want node 5 at late:1 with trace %x", got, ping.Trace)
	}
	if e := told(t, effects, probe.ContactReached); e.Address != "late:1" || e.Member != "5" {
		t.Errorf("got event %+v, want node 5 at late:1", e)
	}
	none[probe.ReportMissed](t, effects, "it answered")
}

func TestAReachedContactIsPingedUntilItIsTakenOffTheList(t *testing.T) {
	n := startNode(t)
	ping := only[probe.Ping](t, n.change(contact("late:1")))
	n.step(probe.PingEnded{Number: ping.Number, Evidence: swim.Acked, Responder: member("5")})
	if got := len(contactPings(n.advance(time.Second))); got != 1 {
		t.Errorf("got %d pings in the second after the answer, want 1", got)
	}
}

func TestAContactThatIsLostAgainIsSaidAgain(t *testing.T) {
	n := startNode(t)
	n.change(contact("late:1"))
	answer := func(number probe.PingNumber, evidence swim.Evidence) []probe.Effect {
		effects := n.step(probe.PingEnded{Number: number, Evidence: evidence})
		n.advance(0)
		return effects
	}
	told(t, answer(1, swim.Refused), probe.ContactMissed)
	told(t, answer(only[probe.Ping](t, n.advance(time.Second)).Number, swim.Acked), probe.ContactReached)
	told(t, answer(only[probe.Ping](t, n.advance(time.Second)).Number, swim.Refused), probe.ContactMissed)
}

func TestAContactIsNeverReportedUnreachable(t *testing.T) {
	n := newNode(t, config(), 1)
	n.world = dead
	effects := append(n.see(contact("late:1")), n.advance(time.Minute)...)
	none[probe.ReportUnreachable](t, effects, "being late is no failure")
	none[probe.IndirectPing](t, effects, "nobody else is asked about a contact")
}

func TestARemovedContactIsNotPinged(t *testing.T) {
	for name, remove := range map[string]probe.Input{
		"change": probe.ViewChanged{Member: contact("late:1"), Removed: true},
		"view":   probe.ViewReplaced{Members: []swim.Member{member(me)}},
	} {
		n := newNode(t, config(), 1)
		n.world = dead
		ping := only[probe.Ping](t, n.see(contact("late:1")))
		n.step(remove)
		effects := n.step(probe.PingEnded{Number: ping.Number, Evidence: swim.Acked, Responder: member("5")})
		effects = append(effects, n.advance(time.Minute)...)
		none[probe.Ping](t, effects, name)
		none[probe.ReportReached](t, effects, name)
		none[probe.ReportMissed](t, effects, name)
	}
}

func TestAContactThatComesBackIsPingedUnderANewNumber(t *testing.T) {
	n := startNode(t)
	old := only[probe.Ping](t, n.change(contact("late:1")))
	n.step(probe.ViewChanged{Member: contact("late:1"), Removed: true})
	again := only[probe.Ping](t, n.change(contact("late:1")))
	if effects := n.step(unanswered(old)); len(effects) != 0 {
		t.Errorf("got %+v of the old ping, want nothing done", effects)
	}
	only[probe.ReportMissed](t, n.step(unanswered(again)))
}

func TestPingsOfContactsAreBounded(t *testing.T) {
	n := startNode(t)
	effects := n.see(manyContacts(200)...)
	effects = append(effects, n.advance(10*period)...)
	if got := len(contactPings(effects)); got != contactCap {
		t.Fatalf("got %d pings of contacts out, want %d", got, contactCap)
	}
	n.step(unanswered(contactPings(effects)[7]))
	if got := len(contactPings(n.advance(0))); got > 1 {
		t.Errorf("got %d pings for one that ended, want 1", got)
	}
}

func TestAnEndedContactPingMakesRoomForAnotherContact(t *testing.T) {
	n := startNode(t)
	first := contactPings(n.see(manyContacts(contactCap + 1)...))
	got := contactPings(n.step(unanswered(first[3])))
	if len(got) != 1 || got[0].Address != contactAddress(contactCap) {
		t.Errorf("got pings %+v, want one of the contact that waited, %s", got, contactAddress(contactCap))
	}
}

func TestRemovedContactsMakeRoomForOthers(t *testing.T) {
	n := startNode(t, manyContacts(contactCap)...)
	n.see() // all removed, with their pings out
	if got := len(contactPings(n.see(manyContacts(contactCap)...))); got != contactCap {
		t.Errorf("got %d contacts pinged, want %d: those before are gone", got, contactCap)
	}
}

func TestNoContactStarvesBehindTheCap(t *testing.T) {
	n := newNode(t, config(), 1)
	n.world = dead
	tries := map[swim.Address]int{}
	n.after = func(_ probe.Input, effects []probe.Effect) {
		for _, p := range contactPings(effects) {
			tries[p.Address]++
		}
	}
	n.see(manyContacts(500)...)
	n.advance(time.Minute)
	for i := range 500 {
		if got := tries[contactAddress(i)]; got < 3 {
			t.Errorf("got %d tries of contact %d in a minute, want 3 or more", got, i)
		}
	}
}

// An outcome with a number that was never given out is nobody's, least of all that of a
// contact which has no ping out.
func TestAPingWithoutANumberIsNoContacts(t *testing.T) {
	n := startNode(t)
	ping := only[probe.Ping](t, n.change(contact("late:1")))
	n.step(unanswered(ping))
	if effects := n.step(probe.PingEnded{Number: 0, Evidence: swim.Acked, Responder: member("5")}); len(effects) != 0 {
		t.Errorf("got %+v, want nothing done", effects)
	}
}

func TestContactsWaitWhileProbingGoesOn(t *testing.T) {
	n := startNode(t, append(manyContacts(200), members(4)...)...)
	n.world = dead
	if got := len(targetPings(n.advance(10 * period))); got != 10 {
		t.Errorf("got %d rounds in 10 periods beside 200 contacts, want 10", got)
	}
}

func manyContacts(n int) (all []swim.Member) {
	for i := range n {
		all = append(all, contact(contactAddress(i)))
	}
	return all
}

func contactAddress(i int) swim.Address { return swim.Address(fmt.Sprintf("late%03d:1", i)) }
