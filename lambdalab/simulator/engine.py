"""The version of the model. Written into every trace; raised whenever a rule changes what a run does."""

ENGINE = "lambdalab-simulator 1"
