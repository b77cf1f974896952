package paper

import (
	"math"
	"slices"
	"time"

	"github.com/swimpair/swim/tests/sim"
)

// The figures of SWIM (Das, Gupta, Motivala 2002). The paper's T' is 2 s; ours and memberlist's
// is sim.Period here.

// load is figure 2: messages sent per member and period by a group at rest.
func load(s system, n int) float64 {
	const periods = 40
	s.pass(10 * sim.Period)
	before := s.sent()
	s.pass(periods * sim.Period)
	return float64(s.sent()-before) / float64(n) / periods
}

// detected is how a silent node is noticed, all of it counted from its last moment.
type detected struct {
	ping        time.Duration // the first ping that it does not answer
	first, last time.Duration // the first, and the last, of the others says that it has failed
	all         bool          // every other says so
}

// periods until the first ping, the one included in which it is sent: e/(e-1) on average, if
// each member picks its targets at random (SWIM 3.1).
func (d detected) periods() float64 { return math.Floor(d.ping.Seconds()/sim.Period.Seconds()) + 1 }

// detection is figure 3.
func detection(s system, n int) (d detected) {
	const step = 10 * time.Millisecond
	victim := n / 2
	s.pass(10*sim.Period + time.Duration(s.sent()%100)*step) // at some moment of its period
	from := s.now()
	s.silence(victim)
	s.pass(step) // what was on its way has arrived
	pings := s.pings(victim)
	for d.ping = step; s.pings(victim) == pings; d.ping += step {
		s.pass(step)
	}
	for range 10 {
		s.pass(20 * time.Second)
		if d.all = d.said(deaths(s), victim, from) == n-1; d.all {
			break
		}
	}
	return d
}

// said notes when it was said that the victim has failed, and returns by how many.
func (d *detected) said(deaths []change, victim int, from time.Duration) int {
	d.first = time.Hour
	seen := map[int]bool{}
	for _, death := range deaths {
		if death.subject == victim && death.at >= from && !seen[death.observer] {
			seen[death.observer] = true
			d.first, d.last = min(d.first, death.at-from), max(d.last, death.at-from)
		}
	}
	return len(seen)
}

// Figure 4: members join one after another, while every member loses a tenth of all that
// reaches it.
const (
	joiners   = 17
	joinEvery = 5 * time.Second
	joinTime  = 175 * time.Second
	joinLoss  = 0.1
)

// joins is the size of the group at every second, in the eyes of the member that sees the
// fewest and of the one that sees the most, and how often somebody was failed. A member's eyes
// count from joinEvery after its start. The cluster must have one node.
func joins(s system) (fewest, most []int, failed int) {
	s.lose(0, ingress, joinLoss)
	members, settled := []int{0}, 1
	for at := time.Duration(0); at <= joinTime; at += time.Second {
		if at > 0 && at%joinEvery == 0 {
			settled = len(members)
			if len(members) < joiners {
				s.join()
				s.lose(len(members), ingress, joinLoss)
				members = append(members, len(members))
			}
		}
		size := sizes(s.changes(), members[:settled], 1, s.now(), s.now())[0]
		fewest, most = append(fewest, slices.Min(size)), append(most, slices.Max(size))
		s.pass(time.Second)
	}
	return fewest, most, len(deaths(s))
}
