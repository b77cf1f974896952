package virtual_test

import (
	"testing"
	"time"

	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/proto/wire"
	"github.com/swimpair/swim/tests/virtual"
)

// What one detector says on the wire, to a fake of everybody else.

// oneDetector runs the detector of node 1, which knows node 2 and is watched by the fake.
func oneDetector(t *testing.T, test func(f *fake, self, other swim.Member)) {
	virtual.Run(t, func(net *virtual.Net) {
		member := func(id int, name swim.NodeID, instance swim.Instance) swim.Member {
			return swim.Member{
				ID: name, State: swim.Alive, Incarnation: 7, Instance: instance, ProbeInterval: time.Second,
				DetectorAddress: virtual.DetectorAddress("localhost", id), DisseminatorAddress: virtual.DisseminatorAddress("localhost", id),
			}
		}
		self, other := member(1, "1", 11), member(2, "2", 22)
		f, stop := startFake(net, self, other)
		defer stop()
		net.Prepare(1, virtual.Options{}).StartDetector(1, virtual.Options{})
		within(t, 3*time.Second, f.pings, "ping") // node 2 is met; from now on it has its turn once a period
		f.answers <- wire.PingAnswer{IsAlive: true, Responder: other}
		select { // its turn may have come first, and then it is met besides
		case <-f.pings:
			f.answers <- wire.PingAnswer{IsAlive: true, Responder: other}
		case <-time.After(50 * time.Millisecond):
		}
		test(f, self, other)
	})
}

func TestAPingSaysWhoAsksAndHowThatNodeIs(t *testing.T) {
	oneDetector(t, func(f *fake, self, other swim.Member) {
		ping := within(t, 3*time.Second, f.pings, "ping")
		if ping.Sender != self.ID || ping.SenderInstance != self.Instance || ping.TargetInstance != other.Instance || ping.DisseminatorDown {
			t.Errorf("got %+v, want one of %s in instance %s, whose disseminator is up", ping, self.ID, self.Instance)
		}
		if want := swim.DigestOf(self) + swim.DigestOf(other); ping.Digest.Hash != want {
			t.Errorf("its digest is %x, want %x", ping.Digest.Hash, want)
		}
		close(f.beats)
		for start := time.Now(); !ping.DisseminatorDown; ping = within(t, 2*time.Second, f.pings, "ping") {
			if time.Since(start) > 3*time.Second {
				t.Fatal("no ping says that the disseminator is down")
			}
		}
	})
}

func TestARequestedProbeIsSentAtOnceAndItsEndIsReported(t *testing.T) {
	oneDetector(t, func(f *fake, self, other swim.Member) {
		within(t, 3*time.Second, f.pings, "ping") // the next one is due in a period
		f.answers <- wire.PingAnswer{IsAlive: true, Responder: other}
		f.beats <- wire.Heartbeat{ProbeRequested: other.ID}
		within(t, 50*time.Millisecond, f.pings, "ping at once")
		f.answers <- wire.PingAnswer{IsAlive: true, Responder: other}
		report := within(t, 50*time.Millisecond, f.reports, "report")
		if reached, ok := report.(wire.Reached); !ok || reached.Responder.ID != other.ID {
			t.Errorf("got %#v, want that %s was reached", report, other.ID)
		}
	})
}

func TestASettledDigestInAnAckThatDiffersIsReported(t *testing.T) {
	oneDetector(t, func(f *fake, self, other swim.Member) {
		time.Sleep(5 * time.Second) // nothing was answered so far, and the own digest is settled
		for len(f.reports) > 0 {
			<-f.reports
		}
		f.answers <- wire.PingAnswer{IsAlive: true, Responder: other, Digest: swim.Digest{Hash: 1, Age: time.Minute}}
		if report := within(t, time.Second, f.reports, "report"); report != (wire.ViewsDiffer{Peer: other.ID}) {
			t.Errorf("got %#v, want that the views differ", report)
		}
	})
}

func TestAMissedPingIsReportedBeforeTheVerdict(t *testing.T) {
	oneDetector(t, func(f *fake, self, other swim.Member) {
		within(t, 3*time.Second, f.pings, "ping")
		want := wire.PingMissed{Member: other.ID, Incarnation: other.Incarnation, Instance: other.Instance}
		if report := within(t, 600*time.Millisecond, f.reports, "report"); report != want {
			t.Errorf("got %#v, want %#v", report, want)
		}
		report := within(t, time.Second, f.reports, "report")
		if unreachable, ok := report.(wire.Unreachable); !ok || unreachable.Member != other.ID || unreachable.Incarnation != other.Incarnation {
			t.Errorf("got %#v, want that %s is unreachable", report, other.ID)
		}
	})
}

func TestAnAckThatSaysItsDisseminatorIsDownIsReported(t *testing.T) {
	oneDetector(t, func(f *fake, self, other swim.Member) {
		within(t, 3*time.Second, f.pings, "ping")
		f.answers <- wire.PingAnswer{IsAlive: true, Responder: other, DisseminatorDown: true}
		report := within(t, time.Second, f.reports, "report")
		unreachable, ok := report.(wire.Unreachable)
		if !ok || len(unreachable.Paths) != 1 || unreachable.Paths[0].Evidence != swim.HalfDown {
			t.Errorf("got %#v, want that %s is half down", report, other.ID)
		}
	})
}
