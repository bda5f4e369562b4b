"""What a release is, and how it is planned: revision, strategy, stages, plan. Pure.

`plan` is called after every step with what is wanted, what is seen, what is recorded and the time; it
answers with the steps that remain. Rolling back is planning towards the earlier revision.
"""
