package bcast

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/tests/sim"
)

// TestDeathsTogether prints how far apart the first and the last verdict of a death are, when
// many hosts are cut off from power at once: among the heads there are dead ones, too, whom
// nobody suspects yet.
func TestDeathsTogether(t *testing.T) {
	measured(t)
	const n, deaths, runs = 75, 10, 20
	rows := [][]string{{"told", "deaths", "never told to somebody", "healthy failed", "first to last, median", "nine in ten within", "worst"}}
	for _, how := range ways {
		var apart []time.Duration
		missed, wrong := 0, 0
		for seed := range uint64(runs) {
			for _, o := range deathsTogether(how, n, deaths, seed) {
				missed, wrong = missed+o.missed, max(wrong, o.wrong)
				apart = append(apart, o.last()-o.knew[0])
			}
		}
		slices.Sort(apart)
		rows = append(rows, []string{
			how.name, strconv.Itoa(len(apart)), strconv.Itoa(missed), strconv.Itoa(wrong),
			millis(apart[len(apart)/2]), millis(apart[len(apart)*9/10]), millis(apart[len(apart)-1]),
		})
	}
	publish(t, "together", rows)
}

func deathsTogether(how way, n, deaths int, seed uint64) (outcomes []outcome) {
	w := sim.New(seed, nil)
	w.HeadsFrom, w.Network.SendCost = how.headsFrom, how.cost
	w.Form(n)
	w.Run(3 * time.Second)
	start := w.Now()
	for _, victim := range w.Nodes[:deaths] {
		victim.PowerOff()
	}
	w.Run(20 * time.Second)
	for _, victim := range w.Nodes[:deaths] {
		var o outcome
		o.deliveries(w, victim, start, func(m swim.Member) bool { return m.ID == victim.ID && m.State == swim.Failed })
		outcomes = append(outcomes, o)
	}
	return outcomes
}
