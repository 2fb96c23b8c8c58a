"""How far the models' answers to one question lie apart."""
