"""The conformance suite: does a class keep the contract of its role?"""
