package paper

import (
	"testing"
	"testing/synctest"
	"time"
)

// The rig is fair to memberlist only if the released code does in it what it does on real
// sockets: measured there, with 32 nodes, a crash is known to the first node after 7.4 s and
// to the last after 7.8 s.
func TestACrashIsKnownInTheRigAsOnRealSockets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, err := startPeers(32, 1)
		if err != nil {
			t.Fatal(err)
		}
		defer p.stop()
		time.Sleep(10 * time.Second)
		for _, m := range p.nodes {
			if got := m.NumMembers(); got != 32 {
				t.Fatalf("a node knows %d of 32", got)
			}
		}
		kill := time.Since(p.started)
		p.port(5).kill()
		time.Sleep(20 * time.Second)
		first, last, count := time.Hour, time.Duration(0), 0
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, c := range p.changes {
			if c.subject == 5 && c.observer != 5 && !c.live {
				first, last = min(first, c.at-kill), max(last, c.at-kill)
				count++
			}
		}
		t.Logf("first %s, last %s of %d", first, last, count)
		if count != 31 || first < 5*time.Second || last > 12*time.Second {
			t.Errorf("first %s, last %s of %d; on real sockets 7.4 s and 7.8 s of 31", first, last, count)
		}
	})
}
