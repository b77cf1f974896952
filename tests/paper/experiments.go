package paper

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/tests/sim"
)

// system is a cluster under an experiment: ours in the simulator, or memberlist in the rig.
// Nodes are numbered from 0.
type system interface {
	name() string
	pass(d time.Duration)
	now() time.Duration
	silence(i int) // its host is gone, and refuses nobody
	stop(i int)    // its processes stand still (SIGSTOP)
	goOn(i int)
	hold(i int) // it handles no messages, its timers go off
	release(i int)
	starve(i int) // whatever reaches it is handled 0.5 to 2.5 s late
	deaths() []death
	close()
}

// makers start a cluster of each system.
var makers = []func(n int, seed uint64) (system, error){startOurs, startMemberlist}

// ours is a formed cluster of the simulator.
type ours struct{ world *sim.World }

func startOurs(n int, seed uint64) (system, error) {
	w := sim.New(seed, nil)
	w.Form(n)
	return &ours{world: w}, nil
}

func (o *ours) name() string         { return "swim" }
func (o *ours) pass(d time.Duration) { o.world.Run(d) }
func (o *ours) now() time.Duration   { return o.world.Now() }
func (o *ours) silence(i int)        { o.world.Nodes[i].PowerOff() }
func (o *ours) stop(i int)           { o.world.Nodes[i].Pause() }
func (o *ours) goOn(i int)           { o.world.Nodes[i].Resume() }
func (o *ours) hold(i int)           { o.world.Nodes[i].Hold() }
func (o *ours) release(i int)        { o.world.Nodes[i].Release() }
func (o *ours) starve(i int) {
	o.world.Nodes[i].Starve(sim.Between(500*time.Millisecond, 2500*time.Millisecond))
}
func (o *ours) close() {}

func (o *ours) deaths() (all []death) {
	for i, n := range o.world.Nodes {
		for _, seen := range n.Disseminator.History {
			if seen.Member.State == swim.Failed && seen.Previous.Live() && seen.Member.ID != n.ID {
				var id int
				_, _ = fmt.Sscan(string(seen.Member.ID), &id)
				all = append(all, death{at: seen.At, observer: i, subject: id - 1})
			}
		}
	}
	return all
}

// theirs is memberlist in the rig.
type theirs struct {
	*peers
	rng *rand.Rand
}

func startMemberlist(n int, seed uint64) (system, error) {
	p, err := startPeers(n, seed)
	if err != nil {
		return nil, err
	}
	return &theirs{peers: p, rng: rand.New(rand.NewPCG(seed, 1))}, nil
}

func (m *theirs) name() string         { return "memberlist" }
func (m *theirs) pass(d time.Duration) { time.Sleep(d) }
func (m *theirs) now() time.Duration   { return time.Since(m.started) }
func (m *theirs) silence(i int)        { m.port(i).kill() }
func (m *theirs) stop(i int)           { m.port(i).hold() } // nobody else can tell the difference
func (m *theirs) goOn(i int)           { m.port(i).release() }
func (m *theirs) hold(i int)           { m.port(i).hold() }
func (m *theirs) release(i int)        { m.port(i).release() }
func (m *theirs) close()               { m.peers.stop() }

func (m *theirs) starve(i int) {
	t := m.port(i)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.slow = func() time.Duration { return 500*time.Millisecond + time.Duration(m.rng.Int64N(int64(2*time.Second))) }
}

func (m *theirs) deaths() []death {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.peers.deaths)
}

// detection is how long it takes until the first, and the last, of the others says that a
// silent node has failed.
func detection(s system, n int) (first, last time.Duration, all bool) {
	s.pass(10 * time.Second)
	victim := n / 2
	from := s.now()
	s.silence(victim)
	s.pass(40 * time.Second)
	first = time.Hour
	seen := map[int]bool{}
	for _, d := range s.deaths() {
		if d.subject == victim && d.at >= from && !seen[d.observer] && d.observer != victim {
			seen[d.observer] = true
			first, last = min(first, d.at-from), max(last, d.at-from)
		}
	}
	return first, last, len(seen) == n-1
}

// pauseFails reports whether a node that stands still for d is failed by anybody, and how
// many wrong words about others there are.
func pauseFails(s system, n int, d time.Duration) (failed bool, wrong int) {
	s.pass(10 * time.Second)
	s.stop(n / 2)
	s.pass(d)
	s.goOn(n / 2)
	s.pass(30 * time.Second)
	for _, death := range s.deaths() {
		switch {
		case death.subject == n/2:
			failed = true
		default:
			wrong++
		}
	}
	return failed, wrong
}

// verdicts are failure events, one for each observer that says so.
type verdicts struct{ aboutHealthyByHealthy, aboutHealthyBySick, aboutSick int }

func count(deaths []death, sick func(i int) bool) (v verdicts) {
	for _, d := range deaths {
		switch {
		case sick(d.subject):
			v.aboutSick++
		case sick(d.observer):
			v.aboutHealthyBySick++
		default:
			v.aboutHealthyByHealthy++
		}
	}
	return v
}

// oneStarved is a small cluster, one node of which is starved for a minute.
func oneStarved(s system, n int) verdicts {
	s.pass(10 * time.Second)
	s.starve(n - 1)
	s.pass(time.Minute)
	return count(s.deaths(), func(i int) bool { return i == n-1 })
}

// interval is Lifeguard's experiment of that name: c nodes are sick for d and well for i, by
// turns, for two minutes.
func interval(s system, c int, d, i time.Duration) verdicts {
	s.pass(15 * time.Second)
	for end := s.now() + 2*time.Minute; s.now() < end; {
		for k := range c {
			s.hold(k)
		}
		s.pass(d)
		for k := range c {
			s.release(k)
		}
		s.pass(i)
	}
	s.pass(10 * time.Second)
	return count(s.deaths(), func(k int) bool { return k < c })
}
