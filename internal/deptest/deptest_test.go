package deptest

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func find(t *testing.T, name string, banned map[string]string) []string {
	t.Helper()
	found, err := impurities(filepath.Join("testdata", name), banned)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestAPurePackagePasses(t *testing.T) {
	CheckPure(t, filepath.Join("testdata", "pure"), map[string]string{"errors": "not imported there"})
}

func TestEachRuleIsEnforcedWithPlaceAndReason(t *testing.T) {
	const sortFirst = `, whose order differs between runs: sort first, or say "// order does not matter: <why>" on this line`
	for name, want := range map[string][]string{
		"clock": {
			"clock.go:9: uses time.Now: time is an argument",
			"clock.go:12: uses time.Sleep: time is an argument",
			"clock.go:13: uses time.After: time is an argument",
			"clock.go:14: uses time.AfterFunc: time is an argument",
			"clock.go:15: uses time.NewTimer: time is an argument",
			"clock.go:16: uses time.NewTicker: time is an argument",
			"clock.go:17: uses time.Tick: time is an argument",
			"clock.go:18: uses time.Since: time is an argument",
			"clock.go:19: uses time.Until: time is an argument",
			"clock.go:20: uses time.Now: time is an argument",
		},
		"chance": {
			"chance.go:10: uses the global rand.IntN: chance is an argument (*rand.Rand)",
			"chance.go:11: uses the global rand.Shuffle: chance is an argument (*rand.Rand)",
			"chance.go:12: uses the global rand.Int: chance is an argument (*rand.Rand)",
		},
		"concurrency": {
			"concurrency.go:4: channel: inputs come by Step, effects are returned",
			"concurrency.go:5: starts a goroutine: a machine runs on its actor's",
			"concurrency.go:6: select: a machine does not wait",
		},
		"order": {
			"order.go:9: ranges over a map" + sortFirst,
			"order.go:12: ranges over a map" + sortFirst,
			"order.go:16: ranges over a map" + sortFirst,
			"order.go:19: uses maps.Keys" + sortFirst,
			"order.go:23: uses maps.Values" + sortFirst,
		},
	} {
		if got := find(t, name, nil); !slices.Equal(got, want) {
			t.Errorf("%s: found\n  %s\nwant\n  %s", name, strings.Join(got, "\n  "), strings.Join(want, "\n  "))
		}
	}
}

func TestImportsAreCheckedAgainstBothLists(t *testing.T) {
	got := find(t, "imports", map[string]string{"errors": "machines return no errors"})
	for _, want := range []string{
		"imports.go:5: imports errors: machines return no errors",
		"imports.go:6: imports log: a machine emits events; the edge logs them",
		"imports.go:7: imports os: a machine does not see the system",
		"imports.go:8: imports sync: one goroutine owns a machine",
	} {
		if !slices.Contains(got, want) {
			t.Errorf("not found: %s\nin %s", want, strings.Join(got, "\n   "))
		}
	}
}

func TestDistantDependenciesAreFound(t *testing.T) {
	all := strings.Join(find(t, "distant", nil), "\n")
	for _, want := range []string{
		"depends on net: a machine has no sockets",
		"depends on context: a machine is never cancelled",
		"depends on google.golang.org/grpc: the wire stops at the edge",
		"depends on google.golang.org/grpc/codes: the wire stops at the edge",
		"depends on google.golang.org/protobuf/proto: the wire stops at the edge",
		"depends on go.uber.org/zap/zapcore: a machine emits events; the edge logs them",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("not found: %s\nin %s", want, all)
		}
	}
	if strings.Contains(all, "net/netip") {
		t.Error("net/netip was refused; it has no sockets")
	}
}

func TestAPackageThatDoesNotCompileIsAnError(t *testing.T) {
	if found, err := impurities(filepath.Join("testdata", "broken"), nil); err == nil {
		t.Errorf("found %v, want an error", found)
	}
}

func TestAFolderWithoutAPackageIsAnError(t *testing.T) {
	if found, err := impurities("testdata", nil); err == nil {
		t.Errorf("found %v, want an error", found)
	}
}
