// Package paper repeats experiments of the literature twice: with our cores in the simulator,
// and with the released code of memberlist, under the same faults. Both run in virtual time.
package paper

import (
	"cmp"
	"slices"
	"time"
)

// system is a cluster under an experiment. Nodes are numbered from 0.
type system interface {
	pass(d time.Duration)
	now() time.Duration

	join()         // one more node, through node 0; it tries until it is in
	silence(i int) // its host is gone, and refuses nobody
	stop(i int)    // its processes stand still (SIGSTOP)
	goOn(i int)
	hold(i int) // it handles no messages, its timers go off
	release(i int)
	starve(i int) // whatever reaches it is handled 0.5 to 2.5 s late
	// lose makes a share of what the node receives, or sends, get lost.
	lose(i int, way direction, share float64)

	changes() []change
	sent() uint64       // messages between nodes so far
	pings(i int) uint64 // those of them that ask node i whether it is there
	close()
}

// maker starts a formed cluster of one system.
type maker struct {
	name  string
	start func(n int, seed uint64) (system, error)
}

var (
	swimpair   = maker{"swim", startOurs}
	memberlist = maker{"memberlist", startMemberlist}
	makers     = []maker{swimpair, memberlist}
)

// direction of messages, as the node sees it that is ill.
type direction int

const (
	ingress direction = iota
	egress
)

func (d direction) String() string { return [...]string{"ingress", "egress"}[d] }

// change is one node's word that another takes part, or does not any more.
type change struct {
	at                time.Duration
	observer, subject int
	live              bool
}

// deaths are the changes that say somebody has failed.
func deaths(s system) []change {
	return slices.DeleteFunc(s.changes(), func(c change) bool { return c.live })
}

// verdicts are failure events, one for each observer that says so.
type verdicts struct{ aboutHealthyByHealthy, aboutHealthyBySick, aboutSick int }

func (v *verdicts) add(other verdicts) {
	v.aboutHealthyByHealthy += other.aboutHealthyByHealthy
	v.aboutHealthyBySick += other.aboutHealthyBySick
	v.aboutSick += other.aboutSick
}

func count(deaths []change, sick func(i int) bool) (v verdicts) {
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

// sizes is how large each observer holds the group to be, at every whole second from a time
// on. All of them hold it to be as large as start when the changes begin.
func sizes(changes []change, observers []int, start int, from, to time.Duration) [][]int {
	byTime := slices.Clone(changes)
	slices.SortStableFunc(byTime, func(a, b change) int { return cmp.Compare(a.at, b.at) })
	size := map[int]int{}
	for _, o := range observers {
		size[o] = start
	}
	var all [][]int
	next := 0
	for at := from; at <= to; at += time.Second {
		for ; next < len(byTime) && byTime[next].at <= at; next++ {
			c := byTime[next]
			if _, counts := size[c.observer]; !counts {
				continue
			}
			if c.live {
				size[c.observer]++
			} else {
				size[c.observer]--
			}
		}
		second := make([]int, 0, len(observers))
		for _, o := range observers {
			second = append(second, size[o])
		}
		all = append(all, second)
	}
	return all
}
