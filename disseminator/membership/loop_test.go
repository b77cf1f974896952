package membership_test

import (
	"math/rand/v2"
	"reflect"
	"testing"
)

// sequences is how many random sequences of inputs a property is tried on.
const sequences = 1000

func randomBytes(rng *rand.Rand) []byte {
	data := make([]byte, 200+rng.IntN(3000))
	for i := range data {
		data[i] = byte(rng.Uint32())
	}
	return data
}

// A deadline that stays in the past makes the daemon's loop spin and burns a CPU.
func TestTheDeadlineMovesOnWhateverCameIn(t *testing.T) {
	for seed := range uint64(sequences) {
		d := newDriver(randomBytes(newRand(seed)), seed%2 == 1)
		d.prompt = true
		if err := d.play(); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
	}
}

func TestTheSameInputsGiveTheSameEffects(t *testing.T) {
	for seed := range uint64(sequences / 10) {
		data, heads := randomBytes(newRand(seed)), seed%2 == 1
		first, second := newDriver(data, heads), newDriver(data, heads)
		if err := first.play(); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if err := second.play(); err != nil {
			t.Fatalf("seed %d, played again: %v", seed, err)
		}
		if !reflect.DeepEqual(first.log, second.log) {
			t.Fatalf("seed %d: two runs of one sequence differ", seed)
		}
	}
}
