package paper

import (
	"math/rand/v2"
	"slices"
	"time"

	"github.com/swimpair/swim/tests/sim"
)

// Rumour mongering (Demers et al. 1987, table 1) is no part of our protocol. Its figures have been
// known for long, so they check the simulator: sites of this model use the world's queue,
// timers, calls and network as our nodes do.

// cycle is one round of the paper: sites act at whole cycles, and are asked what they knew when
// it began.
const cycle = time.Second

// mongering is what one rumour came to.
type mongering struct {
	residue float64 // share of the sites that never hear of it
	traffic float64 // messages per site
	last    float64 // cycles until the last site hears of it that ever does
}

// site pushes the rumour while it is hot: each cycle to one other site, which answers whether
// it knew already (feedback). After k such answers in a row the site loses interest (counter).
type site struct {
	all  []*site
	self *sim.Site
	now  func() time.Duration
	rng  *rand.Rand
	k    int

	heard   time.Duration // when; 0: it has not
	hot     bool
	next    time.Duration // its next push
	useless int
}

func (s *site) learn() {
	s.heard, s.hot = s.now(), true
	s.next = s.heard.Truncate(cycle) + cycle
}

func (s *site) wait() time.Duration {
	if !s.hot {
		return time.Hour
	}
	return s.next - s.now()
}

func (s *site) step(in any) {
	switch in := in.(type) {
	case sim.SiteTick:
		if s.hot && s.now() >= s.next {
			s.next += cycle
			s.self.Call(s.other().self, cycle/2, "rumour")
		}
	case sim.SiteAsked:
		in.Answer(s.heard != 0 && s.heard < s.now().Truncate(cycle))
		if s.heard == 0 {
			s.learn()
		}
	case sim.SiteAnswered:
		if knew, answered := in.Answer.(bool); answered && knew {
			s.useless++
		} else {
			s.useless = 0
		}
		s.hot = s.useless < s.k
	}
}

func (s *site) other() *site {
	for {
		if o := s.all[s.rng.IntN(len(s.all))]; o != s {
			return o
		}
	}
}

// monger spreads one rumour among n sites.
func monger(n, k int, seed uint64) (m mongering) {
	w, rng := sim.New(seed, nil), rand.New(rand.NewPCG(seed, 1))
	all := make([]*site, n)
	for i := range all {
		s := &site{all: all, now: w.Now, rng: rng, k: k}
		s.self = w.Place(i+1, s.step, s.wait)
		all[i] = s
	}
	outsider := w.Place(n+1, func(any) {}, func() time.Duration { return time.Hour })
	outsider.Call(all[0].self, cycle/2, "rumour")
	for w.Run(cycle); slices.ContainsFunc(all, func(s *site) bool { return s.hot }); {
		w.Run(cycle)
	}
	m.traffic = float64(w.Sent["site"]-1) / float64(n)
	for _, s := range all {
		if s.heard == 0 {
			m.residue += 1 / float64(n)
			continue
		}
		m.last = max(m.last, float64(s.heard/cycle))
	}
	return m
}
