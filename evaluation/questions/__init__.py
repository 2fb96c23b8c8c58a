"""What is said of questions: power, variety, equal answers, a short form."""
