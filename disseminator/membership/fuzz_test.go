package membership_test

import "testing"

// FuzzStep feeds arbitrary sequences of inputs, with outcomes late, twice or never, and
// lets the auditor see every step: with news told directly, and through heads.
func FuzzStep(f *testing.F) {
	for seed := range uint64(8) {
		f.Add(randomBytes(newRand(seed)))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, heads := range []bool{false, true} {
			if err := newDriver(data, heads).audited().play(); err != nil {
				t.Fatalf("heads: %t: %v", heads, err)
			}
		}
	})
}
