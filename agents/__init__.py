"""Who acts: explorer (with its policies), refiner, prober, judge and critic. One class, one method each."""
