// Package chance rolls dice that nobody handed to it.
package chance

import (
	old "math/rand"
	"math/rand/v2"
)

func Use() {
	_ = rand.IntN(6)
	rand.Shuffle(0, nil)
	_ = old.Int()
}
