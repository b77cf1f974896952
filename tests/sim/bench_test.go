package sim_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/swimpair/swim/tests/sim"
)

// BenchmarkEvents runs formed clusters at rest, with one death every five seconds.
func BenchmarkEvents(b *testing.B) {
	for _, n := range []int{5, 100, 1000} {
		b.Run(fmt.Sprintf("n=%d", n), func(b *testing.B) {
			w := sim.New(1, nil)
			w.Form(n)
			w.Run(2 * time.Second)
			before, start := w.Events, time.Now()
			b.ResetTimer()
			for i := 0; b.Loop(); i++ {
				w.Nodes[i%n].Pause()
				w.Run(5 * time.Second)
				w.Nodes[i%n].Resume()
			}
			b.ReportMetric(float64(w.Events-before)/time.Since(start).Seconds(), "events/s")
			b.ReportMetric(0, "ns/op")
		})
	}
}
