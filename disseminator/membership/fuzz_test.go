package membership_test

import "testing"

// FuzzStep feeds arbitrary sequences of inputs, with outcomes late, twice or never, and
// lets the auditor see every step.
func FuzzStep(f *testing.F) {
	for seed := range uint64(8) {
		f.Add(randomBytes(newRand(seed)))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := newDriver(data).audited().play(); err != nil {
			t.Fatal(err)
		}
	})
}
