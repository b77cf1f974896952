package probe_test

import (
	"testing"

	"github.com/swimpair/swim/detector/probe"
)

func TestEveryKindOfEventHasItsOwnName(t *testing.T) {
	seen := map[string]probe.EventKind{}
	for kind := probe.PingMissed; kind <= probe.DisseminatorDown; kind++ {
		name := kind.String()
		if other, taken := seen[name]; taken || name == "" {
			t.Errorf("got name %q for event kind %d, want one of its own (kind %d has it, too)", name, kind, other)
		}
		seen[name] = kind
	}
}
